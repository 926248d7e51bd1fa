"""Permission: why a right clearance may still not be signed.

The bot observes; no owner's order put the clearance's policy in force; or, away from a devnet, no owner took the bot
live under it. The owners are the signer's own: pinned at ``init``, and followed from there. The files are read again
each time, so that nothing need be restarted.
"""

from __future__ import annotations

from collections.abc import Callable

from ...wallets.clearance import Clearance
from ...wallets.errors import TreasurerError
from ...wallets.orders import GoLiveOrder, OrderRefused, PolicyOrder, signer_of
from ...wallets.values import DEVNET_CHAIN_ID
from ..bot.configuration import Configuration, read_configuration
from ..bot.folder import BotFolder
from ..bot.owners import Owners, changes_since, pin_owners, pinned_owners
from ..bot.signed import Signed, write_whole


def signing_permission(folder: BotFolder, started: Configuration) -> Callable[[Clearance], str | None]:
    """Why a right clearance may not be signed now, None where it may. ``started``: what the signer was started with."""

    def refusal(clearance: Clearance) -> str | None:
        try:
            configuration = read_configuration(folder.configuration)
            if (configuration.chain.id, configuration.wallet.address) != (started.chain.id, started.wallet.address):
                return "treasurer.toml names another chain or wallet since this signer started: start it again"
            if configuration.mode != "live":
                return 'the bot\'s mode is "observe": it judges and records, and signs nothing'
            owners = follow_owners(folder, configuration)
            unordered = _not_ordered(folder, configuration, clearance, owners)
            if unordered is not None or configuration.chain.id == DEVNET_CHAIN_ID:
                return unordered
            return _not_live(folder, configuration, clearance, owners)
        except TreasurerError as error:
            return f"whether the bot is live cannot be read: {error}"

    return refusal


def follow_owners(folder: BotFolder, configuration: Configuration) -> Owners:
    """The owners now; a change that an owner ordered is pinned, so that no older list ever counts again."""
    owners = pinned_owners(folder.signer_owners)
    changes = changes_since(owners, folder, configuration)
    if changes:
        owners = changes[-1].owners
        pin_owners(folder.signer_owners, owners)
    return owners


def _not_ordered(folder: BotFolder, configuration: Configuration, clearance: Clearance, owners: Owners) -> str | None:
    """The policy that was ordered last is remembered: while the guard goes on with it, ``policy.sig`` may be newer.

    Once a clearance came under the newer one, the older is never signed under again.
    """
    remembered = _read(folder, kept=True)
    if remembered is not None and remembered[0].policy_cid == clearance.policy_cid:
        return None
    newest = _read(folder, kept=False)
    if newest is None or newest[0].policy_cid != clearance.policy_cid:
        return "no owner's order puts this policy in force: treasurer policy sign"
    order, signature = newest
    if (order.chain_id, order.account) != (configuration.chain.id, configuration.wallet.address):
        return "policy.sig is for another chain or wallet: treasurer policy sign"
    if remembered is not None and order.version <= remembered[0].version:
        return f"policy.sig is of version {order.version}, and version {remembered[0].version} was signed under already"
    try:
        signer_of(order, signature, owners.owners)
    except OrderRefused as error:
        return f"policy.sig: {error}: treasurer policy sign"
    kept = Signed(order=order.model_dump(mode="json"), signature=signature).model_dump_json()
    write_whole(folder.signer_policy, kept + "\n", private=True)
    return None


def _read(folder: BotFolder, *, kept: bool) -> tuple[PolicyOrder, bytes] | None:
    """The order that the signer keeps, or that of ``policy.sig``; None where there is none."""
    path = folder.signer_policy if kept else folder.policy_signature
    try:
        signed = Signed.model_validate_json(path.read_text())
        return PolicyOrder.model_validate(signed.order), signed.signature
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OrderRefused(f"{path} holds no order for a policy") from error


def _not_live(folder: BotFolder, configuration: Configuration, clearance: Clearance, owners: Owners) -> str | None:
    order = GoLiveOrder(
        chain_id=configuration.chain.id,
        account=configuration.wallet.address,
        policy_cid=clearance.policy_cid,
        max_value_usd=configuration.wallet.max_value_usd,
    )
    try:
        signed = Signed.model_validate_json(folder.go_live.read_text())
        signer_of(order, signed.signature, owners.owners)
    except (OSError, ValueError):
        return "no owner has taken this bot live: treasurer go-live"
    except OrderRefused as error:
        return f"the go-live order is not for this chain, account, policy and value ({error}): treasurer go-live"
    return None
