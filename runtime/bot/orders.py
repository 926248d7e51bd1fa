"""Orders on disk: ``policy.sig``, the owner's signature that puts a policy in force, written and read in one way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ...policies.language.bundle import PolicyBundle
from ...wallets.errors import InvalidValue
from ...wallets.keys import PrivateKey, recover
from ...wallets.orders import OrderRefused, PolicyOrder
from ...wallets.values import checksum
from .bundle import read_bundle
from .configuration import Configuration, read_configuration
from .folder import BotFolder
from .signed import Signed, write_whole


class PolicyUnsigned(OrderRefused):
    """The policy and the book, as they are written now, are not in force: an owner signs them first."""

    exit_status = 3
    next_command = "treasurer policy sign --keystore OWNER.json"


@dataclass(frozen=True)
class SignedPolicy:
    """A policy bundle, the order for it, and the address that signed the order; whether an owner's is asked apart."""

    bundle: PolicyBundle
    order: PolicyOrder
    signature: bytes
    by: str

    def check_owner(self, owners: Sequence[str]) -> None:
        """Raise PolicyUnsigned unless an owner signed."""
        if self.by not in owners:
            raise PolicyUnsigned(f"{checksum(self.by)} signed the policy, who is no owner of this bot")


def read_signed_policy(folder: BotFolder, configuration: Configuration, bundle: PolicyBundle) -> SignedPolicy:
    """What ``policy.sig`` says of exactly this bundle. Raises PolicyUnsigned, naming what changed since.

    What was signed stands beside the signature: over anything else a signature recovers to nobody's address.
    """
    path = folder.policy_signature
    try:
        signed = Signed.model_validate_json(path.read_text())
    except (OSError, ValueError) as error:
        raise PolicyUnsigned(f"{path} is missing or holds no signature: an owner signs the policy first") from error
    chain, account = signed.order.get("chain_id"), str(signed.order.get("account")).lower()
    if chain != configuration.chain.id:
        raise PolicyUnsigned(
            f"an owner signed the policy for chain {chain}, and treasurer.toml says {configuration.chain.id}"
        )
    if account != configuration.wallet.address:
        raise PolicyUnsigned(f"an owner signed the policy for another wallet, {account}")
    if signed.order.get("policy_cid") != bundle.cid:
        raise PolicyUnsigned("policy.yaml or book.yaml changed since an owner signed them")
    try:
        order = PolicyOrder.model_validate(signed.order)
        return SignedPolicy(bundle, order, signed.signature, recover(order.hash(), signed.signature))
    except ValidationError as error:
        raise PolicyUnsigned(f"{path} holds no order of this version of treasurer: an owner signs again") from error
    except InvalidValue as error:
        raise PolicyUnsigned(f"{path}: the signature is none: {error}") from error


def next_policy_order(
    folder: BotFolder, configuration: Configuration, bundle: PolicyBundle, version: int | None = None
) -> PolicyOrder:
    """What an owner signs to put ``bundle`` in force: its version follows that of ``policy.sig``, or is the one given.

    Raises InvalidValue for a version that is none.
    """
    try:
        return PolicyOrder(
            chain_id=configuration.chain.id,
            account=configuration.wallet.address,
            policy_cid=bundle.cid,
            version=_signed_version(folder.policy_signature) + 1 if version is None else version,
        )
    except ValidationError as error:
        raise InvalidValue(f"a version is a whole number from 1 on, not {version}") from error


def keep_policy_order(folder: BotFolder, order: PolicyOrder, signature: bytes) -> None:
    """Write ``policy.sig``, whole or not at all."""
    signed = Signed(order=order.model_dump(mode="json"), signature=signature)
    write_whole(folder.policy_signature, signed.model_dump_json() + "\n")


def sign_policy(folder: BotFolder, owner: PrivateKey) -> PolicyOrder:
    """Sign policy and book, as they are written now, with an owner's key that is at hand (a devnet's)."""
    configuration = read_configuration(folder.configuration)
    order = next_policy_order(folder, configuration, read_bundle(folder, configuration))
    keep_policy_order(folder, order, owner.sign_hash(order.hash()))
    return order


def _signed_version(path: Path) -> int:
    try:
        version = Signed.model_validate_json(path.read_text()).order.get("version")
    except (OSError, ValueError):
        return 0
    return version if isinstance(version, int) and not isinstance(version, bool) and version >= 0 else 0
