"""Orders: the EIP-712 structs that owners sign to put a policy in force, to change who the owners are, to take a bot
live, or to resume it after a stop.

Approvers sign the Digest itself (digest.py). Each order names the account, and its domain the chain, so that no
signature serves two bots. Policy and owners carry a version, which only grows: what was once replaced never returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from . import eip712
from .eip712 import text_word, word
from .errors import InvalidValue, TreasurerError
from .keys import recover
from .values import Address, checksum

_POLICY_FIELDS = "address account,string policyCid,uint64 version"
_OWNERS_FIELDS = "address account,string owners,uint64 version"
_GO_LIVE_FIELDS = "address account,string policyCid,uint256 maxValueUsd"
_RESUME_FIELDS = "address account,string stopRecord"

MAX_OWNERS = 32
"""Owners that one bot may have: a person reads the list on a small screen before signing it."""
Version = Annotated[int, Field(ge=1, lt=1 << 63, strict=True)]


class OrderRefused(TreasurerError):
    """An order is not signed by an owner, or is for something else."""

    exit_status = 1


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    chain_id: int
    account: Address


class PolicyOrder(_Order):
    """This policy and book are in force for this account, from this version on."""

    policy_cid: str
    version: Version

    def hash(self) -> str:
        """The EIP-712 signing hash."""
        words = (word(self.account), text_word(self.policy_cid), word(self.version))
        return eip712.signing_hash(self.chain_id, eip712.struct_hash(f"PolicyOrder({_POLICY_FIELDS})", *words))

    def to_typed_data(self) -> dict[str, Any]:
        """For ``cast wallet sign --data`` and hardware wallets."""
        message = {"account": checksum(self.account), "policyCid": self.policy_cid, "version": str(self.version)}
        return _typed_data(self.chain_id, "PolicyOrder", _POLICY_FIELDS, message)


class OwnersOrder(_Order):
    """These are the bot's owners from this version on, and nobody else; signed by an owner of the version before.

    Signed as one text, the checksummed addresses in ascending order with commas: a small screen shows it whole.
    """

    owners: Annotated[tuple[Address, ...], Field(min_length=1, max_length=MAX_OWNERS)]
    version: Version

    @property
    def text(self) -> str:
        """The owners as they are signed."""
        return ",".join(checksum(owner) for owner in sorted(set(self.owners)))

    def hash(self) -> str:
        """The EIP-712 signing hash."""
        words = (word(self.account), text_word(self.text), word(self.version))
        return eip712.signing_hash(self.chain_id, eip712.struct_hash(f"OwnersOrder({_OWNERS_FIELDS})", *words))

    def to_typed_data(self) -> dict[str, Any]:
        """For ``cast wallet sign --data`` and hardware wallets."""
        message = {"account": checksum(self.account), "owners": self.text, "version": str(self.version)}
        return _typed_data(self.chain_id, "OwnersOrder", _OWNERS_FIELDS, message)


class GoLiveOrder(_Order):
    """The bot may sign on this chain under this policy while its wallet is worth at most ``max_value_usd``."""

    policy_cid: str
    max_value_usd: int

    def hash(self) -> str:
        """The EIP-712 signing hash."""
        words = (word(self.account), text_word(self.policy_cid), word(self.max_value_usd))
        return eip712.signing_hash(self.chain_id, eip712.struct_hash(f"GoLiveOrder({_GO_LIVE_FIELDS})", *words))

    def to_typed_data(self) -> dict[str, Any]:
        """For ``cast wallet sign --data`` and hardware wallets."""
        message = {
            "account": checksum(self.account),
            "policyCid": self.policy_cid,
            "maxValueUsd": str(self.max_value_usd),
        }
        return _typed_data(self.chain_id, "GoLiveOrder", _GO_LIVE_FIELDS, message)


class ResumeOrder(_Order):
    """The bot may act again after the stop that ``stop_record`` (a Record's CID) wrote down."""

    stop_record: str

    def hash(self) -> str:
        """The EIP-712 signing hash."""
        words = (word(self.account), text_word(self.stop_record))
        return eip712.signing_hash(self.chain_id, eip712.struct_hash(f"ResumeOrder({_RESUME_FIELDS})", *words))

    def to_typed_data(self) -> dict[str, Any]:
        """For ``cast wallet sign --data`` and hardware wallets."""
        message = {"account": checksum(self.account), "stopRecord": self.stop_record}
        return _typed_data(self.chain_id, "ResumeOrder", _RESUME_FIELDS, message)


Order = PolicyOrder | OwnersOrder | GoLiveOrder | ResumeOrder


def signer_of(order: Order, signature: bytes, owners: Sequence[str]) -> str:
    """The owner who signed; raises OrderRefused where it was nobody of ``owners``."""
    try:
        address = recover(order.hash(), signature)
    except InvalidValue as error:
        raise OrderRefused(f"the signature is none: {error}") from error
    if address not in owners:
        raise OrderRefused(f"{checksum(address)} signed, who is no owner of this bot")
    return address


def _typed_data(chain_id: int, name: str, fields: str, message: dict[str, Any]) -> dict[str, Any]:
    return eip712.typed_data(chain_id, name, {name: eip712.members(fields)}, message)
