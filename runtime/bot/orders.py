"""Orders: the EIP-712 structs that owners sign to put a policy in force, take a bot live, or resume it after a stop.

Approvers sign the Digest itself (wallets.digest). Each order names the account, and its domain the chain, so that no
signature serves two bots.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ...wallets import eip712
from ...wallets.eip712 import text_word, word
from ...wallets.errors import InvalidValue, TreasurerError
from ...wallets.keys import recover
from ...wallets.values import Address, HexBytes, checksum

_POLICY_FIELDS = "address account,string policyCid"
_GO_LIVE_FIELDS = "address account,string policyCid,uint256 maxValueUsd"
_RESUME_FIELDS = "address account,string stopRecord"


class OrderRefused(TreasurerError):
    """An order is not signed by an owner, or is for something else."""

    exit_status = 1


class PolicyUnsigned(OrderRefused):
    """The policy and the book, as they are written now, are not in force: an owner signs them first."""

    exit_status = 3
    next_command = "treasurer policy sign --keystore OWNER.json"


class PolicyOrder(BaseModel):
    """This policy and book are in force for this account."""

    model_config = ConfigDict(frozen=True)

    chain_id: int
    account: Address
    policy_cid: str

    def hash(self) -> str:
        """The EIP-712 signing hash."""
        hashed = eip712.struct_hash(f"PolicyOrder({_POLICY_FIELDS})", word(self.account), text_word(self.policy_cid))
        return eip712.signing_hash(self.chain_id, hashed)

    def to_typed_data(self) -> dict[str, Any]:
        """For ``cast wallet sign --data`` and hardware wallets."""
        message = {"account": checksum(self.account), "policyCid": self.policy_cid}
        return _typed_data(self.chain_id, "PolicyOrder", _POLICY_FIELDS, message)


class GoLiveOrder(BaseModel):
    """The bot may sign on this chain under this policy while its wallet is worth at most ``max_value_usd``."""

    model_config = ConfigDict(frozen=True)

    chain_id: int
    account: Address
    policy_cid: str
    max_value_usd: int

    def hash(self) -> str:
        """The EIP-712 signing hash."""
        hashed = eip712.struct_hash(
            f"GoLiveOrder({_GO_LIVE_FIELDS})",
            word(self.account),
            text_word(self.policy_cid),
            word(self.max_value_usd),
        )
        return eip712.signing_hash(self.chain_id, hashed)

    def to_typed_data(self) -> dict[str, Any]:
        """For ``cast wallet sign --data`` and hardware wallets."""
        message = {
            "account": checksum(self.account),
            "policyCid": self.policy_cid,
            "maxValueUsd": str(self.max_value_usd),
        }
        return _typed_data(self.chain_id, "GoLiveOrder", _GO_LIVE_FIELDS, message)


class ResumeOrder(BaseModel):
    """The bot may act again after the stop that ``stop_record`` (a Record's CID) wrote down."""

    model_config = ConfigDict(frozen=True)

    chain_id: int
    account: Address
    stop_record: str

    def hash(self) -> str:
        """The EIP-712 signing hash."""
        hashed = eip712.struct_hash(f"ResumeOrder({_RESUME_FIELDS})", word(self.account), text_word(self.stop_record))
        return eip712.signing_hash(self.chain_id, hashed)

    def to_typed_data(self) -> dict[str, Any]:
        """For ``cast wallet sign --data`` and hardware wallets."""
        message = {"account": checksum(self.account), "stopRecord": self.stop_record}
        return _typed_data(self.chain_id, "ResumeOrder", _RESUME_FIELDS, message)


Order = PolicyOrder | GoLiveOrder | ResumeOrder


class Signed(BaseModel):
    """An owner's signature over an order, as it is kept in a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: dict[str, Any]
    signature: HexBytes


def signer_of(order: Order, signature: bytes, owners: list[str]) -> str:
    """The owner who signed; raises OrderRefused where it was nobody of ``owners``."""
    try:
        address = recover(order.hash(), signature)
    except InvalidValue as error:
        raise OrderRefused(f"the signature is none: {error}") from error
    if address not in owners:
        raise OrderRefused(f"{checksum(address)} signed, who is no owner of this bot")
    return address


def check_policy_order(order: PolicyOrder, path: Path, owners: list[str]) -> str:
    """The owner whose signature over ``order`` the file holds. Raises PolicyUnsigned, naming what changed since.

    What was signed stands beside the signature: over anything else a signature recovers to nobody's address.
    """
    try:
        signed = Signed.model_validate_json(path.read_text())
    except (OSError, ValueError) as error:
        raise PolicyUnsigned(f"{path} is missing or holds no signature: an owner signs the policy first") from error
    chain, account = signed.order.get("chain_id"), str(signed.order.get("account")).lower()
    if chain != order.chain_id:
        raise PolicyUnsigned(f"an owner signed the policy for chain {chain}, and treasurer.toml says {order.chain_id}")
    if account != order.account:
        raise PolicyUnsigned(f"an owner signed the policy for another wallet, {account}")
    if signed.order.get("policy_cid") != order.policy_cid:
        raise PolicyUnsigned("policy.yaml or book.yaml changed since an owner signed them")
    try:
        return signer_of(order, signed.signature, owners)
    except OrderRefused as error:
        raise PolicyUnsigned(f"{path}: {error}") from error


def read_owners(path: Path) -> list[str]:
    """The owners' addresses pinned at ``init``, in guard and signer alike."""
    try:
        return [str(address).lower() for address in json.loads(path.read_text())]
    except (OSError, ValueError) as error:
        raise TreasurerError(f"{path} does not list the bot's owners", next_command="treasurer init DIR") from error


def _typed_data(chain_id: int, name: str, fields: str, message: dict[str, Any]) -> dict[str, Any]:
    return eip712.typed_data(chain_id, name, {name: eip712.members(fields)}, message)
