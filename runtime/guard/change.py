"""Change: another policy or other owners come into force, by an owner's order alone, whole or not at all.

The orders are read from the bot's folder and checked against what this guard has obeyed before. One transaction then
writes the Records, remembers the versions, and ends what waits under the old policy; only after it the guard judges by
the new one. A crash before it leaves the old policy whole, a crash after it the new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...wallets.cid import cid_link
from ...wallets.journal import UNSIGNED, State
from ...wallets.orders import OrderRefused
from ...wallets.values import checksum, to_hex
from ..bot.bundle import read_bundle
from ..bot.configuration import Configuration
from ..bot.folder import BotFolder
from ..bot.orders import PolicyUnsigned, SignedPolicy, read_signed_policy
from ..bot.owners import Owners, OwnersChange, changes_since, pinned_owners
from .ending import end_unsigned
from .memory import Memory
from .requests import REVOCATION

if TYPE_CHECKING:
    from .state import GuardState


@dataclass(frozen=True)
class Orders:
    """What the folder orders, checked: the policy with its signature, and each change of the owners since."""

    policy: SignedPolicy
    owners: Owners
    changes: tuple[OwnersChange, ...]


class PolicyReplayed(PolicyUnsigned):
    """An order that was replaced, or another one of the same version: what was once replaced never returns."""


def read_orders(folder: BotFolder, configuration: Configuration, memory: Memory) -> Orders:
    """The orders in the bot's folder, held against what the guard remembers. Raises PolicyError, OrderRefused."""
    remembered = memory.recall("owners")
    pinned = pinned_owners(folder.guard_owners) if remembered is None else Owners.model_validate_json(remembered)
    changes = tuple(changes_since(pinned, folder, configuration))
    owners = changes[-1].owners if changes else pinned
    policy = read_signed_policy(folder, configuration, read_bundle(folder, configuration))
    _check_order(policy, owners, memory)
    return Orders(policy, owners, changes)


def _check_order(policy: SignedPolicy, owners: Owners, memory: Memory) -> None:
    """Signed by an owner, newer than what was obeyed; what is in force stays so when its signer is owner no more."""
    version, obeyed = policy.order.version, int(memory.recall("policy_version") or 0)
    if version == obeyed and (policy.bundle.cid, policy.by) == (memory.recall("policy"), memory.recall("policy_by")):
        return
    if version <= obeyed:
        sign = f"treasurer policy sign --version {obeyed + 1} --keystore OWNER.json"
        raise PolicyReplayed(
            f"policy.sig is of version {version}, and this guard has obeyed {obeyed}: what was replaced never returns",
            next_command=sign,
        )
    policy.check_owner(owners.owners)


def write_first(state: GuardState, first_nonce: int, log_key: str) -> None:
    """The log's opening record. Inside a transaction."""
    policy, owners = state.force.policy, state.force.owners
    state.log.append(
        "opened",
        "guard",
        {
            "chain_id": state.chain_id,
            "account": state.account,
            "policy": state.policy_link,
            "engine": state.engine,
            "log_key": log_key,
            "clearance_key": state.clearance_key.address,
            "nonce": first_nonce,
            "owners": [checksum(owner) for owner in owners.owners],
            "owners_version": owners.version,
            "policy_version": policy.order.version,
            "by": checksum(policy.by),
            "signature": to_hex(policy.signature),
        },
    )
    _remember(state, Orders(policy, owners, ()))
    state.memory.remember("first_nonce", str(first_nonce))


def write_changes(state: GuardState, orders: Orders) -> list[str]:
    """Records of what the orders change, and the end of what waits under the old policy: its keys. Inside a
    transaction, whose commit puts ``orders`` in force.
    """
    for change in orders.changes:
        state.log.append(
            "owners_changed",
            "guard",
            {
                "owners": [checksum(owner) for owner in change.order.owners],
                "version": change.order.version,
                "by": checksum(change.by),
                "signature": to_hex(change.signature),
            },
        )
    voided: list[str] = []
    policy, version = orders.policy, orders.policy.order.version
    if (state.memory.recall("policy"), state.memory.recall("policy_version")) != (policy.bundle.cid, str(version)):
        body = {"policy": cid_link(policy.bundle.cid), "version": version, "by": checksum(policy.by)}
        state.log.append("policy_changed", "guard", {**body, "signature": to_hex(policy.signature)})
        voided = _void(state, policy.bundle.cid)
    _remember(state, orders)
    return voided


def apply_orders(state: GuardState) -> list[str]:
    """Put what the folder orders in force in this running guard; the keys of the proposals that it ended.

    Raises PolicyError or OrderRefused, and nothing has changed then.
    """
    orders = read_orders(state.folder, state.configuration, state.memory)
    keep_blocks(state, orders.policy)
    with state.database.transaction():
        voided = write_changes(state, orders)
    state.force.policy, state.force.owners = orders.policy, orders.owners
    state.shadow.load(state.folder, state.configuration)
    state.log.checkpoint()
    return voided


def keep_blocks(state: GuardState, policy: SignedPolicy) -> None:
    """The bundle's blocks lie with the log's before a record links to them."""
    for cid, block in policy.bundle.blocks().items():
        if state.log.put_block(block, codec=cid_link(cid)[1]) != cid:
            raise OrderRefused(f"the policy's block is not {cid}")


def _remember(state: GuardState, orders: Orders) -> None:
    state.memory.remember("policy", orders.policy.bundle.cid)
    state.memory.remember("policy_version", str(orders.policy.order.version))
    state.memory.remember("policy_by", orders.policy.by)
    state.memory.remember("owners", orders.owners.model_dump_json())
    state.acquaintances.learn(orders.policy.bundle.book, state.now())


def _void(state: GuardState, policy_cid: str) -> list[str]:
    """End every proposal of another policy of which nothing was cleared; what is under way keeps its reservation.

    The guard's own revocations stay: they are judged again by the new policy, and an allowance must not stay open.
    """
    voided = []
    for key in dict.fromkeys(row.key for row in state.journal.in_states(UNSIGNED)):
        stored = state.journal.proposal(key)
        if stored is None or stored.policy_cid == policy_cid or stored.run == REVOCATION:
            continue
        if all(row.state in UNSIGNED and row.nonce is None for row in state.journal.intents(key)):
            why = "the policy changed before anything of it was signed: propose it again"
            end_unsigned(state, key, State.WITHDRAWN, why, state.now())
            voided.append(key)
    return voided
