"""Proposal: what an agent wants, with the Claims of the tool that built it and the Provenance of each address in it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict

from ..wallets.call import Authorization, Call
from ..wallets.digest import Approvable
from ..wallets.typed_data import TypedData
from ..wallets.values import Address, Asset, BaseUnits, Hash32, HexBytes
from .effect import Kind
from .trusted import made


class Provenance(StrEnum):
    """Where a value came from, most trusted first."""

    OPERATOR = "operator"
    USER = "user"
    CHAIN = "chain"
    UNTRUSTED = "untrusted"


class _Addressed(Protocol):
    @property
    def address(self) -> str: ...


class _Amount(Protocol):
    @property
    def token(self) -> _Addressed: ...

    @property
    def base_units(self) -> int: ...


class Claim(BaseModel):
    """What a tool says the calls will do; the guard compares it with the effects that it finds itself.

    ``amount``: base units of ``asset`` that leave at most; ``minimum``: base units of ``bought`` that come at least.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    asset: Asset | None = None
    amount: BaseUnits | None = None
    counterparty: Address | None = None
    bought: Asset | None = None
    minimum: BaseUnits | None = None

    @classmethod
    def transfer(cls, amount: _Amount, to: _Addressed) -> Self:
        """``amount`` leaves to ``to``. Takes the Amount and the Payee that a tool receives."""
        asset, base_units = amount.token.address, amount.base_units
        return cls(kind=Kind.TRANSFER, asset=asset, amount=base_units, counterparty=to.address)


class Proposal(BaseModel):
    """Calls, or typed data, that ``account`` should sign on ``chain_id``.

    ``message``: bytes to sign as a message of EIP-191 (hex text); ``raw_hash``: a bare hash to sign.
    ``run`` and ``step`` name the decision; ``intent_key`` is H(bot, run, step). ``fee_ceiling``: wei for gas in all.
    ``expires_at``: after it nothing of this may be signed. ``asked_by`` says who or what started the run, ``purpose``
    the words shown to people (never judged).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    chain_id: int
    account: Address
    calls: tuple[Call, ...] = ()
    typed_data: TypedData | None = None
    authorizations: tuple[Authorization, ...] = ()
    message: HexBytes | None = None
    raw_hash: Hash32 | None = None
    claims: tuple[Claim, ...] = ()
    provenance: dict[Address, Provenance] = {}
    intent_key: Hash32
    run: str
    step: int = 0
    fee_ceiling: BaseUnits = 0
    expires_at: datetime
    asked_by: str = ""
    purpose: str = ""

    def approvable(self, policy_cid: str, *, expiry: int | None = None) -> Approvable:
        """What people approve of this proposal under one policy, until it expires, or until another ``expiry``."""
        fields = {
            "intent_key": self.intent_key,
            "chain_id": self.chain_id,
            "account": self.account,
            "calls": self.calls,
            "typed_data": self.typed_data,
            "message": self.message,
            "raw_hash": self.raw_hash,
            "authorizations": self.authorizations,
            "fee_ceiling": self.fee_ceiling,
            "expiry": int(self.expires_at.timestamp()) if expiry is None else expiry,
            "policy_cid": policy_cid,
        }
        return made(Approvable, fields)

    def to_json(self) -> dict[str, Any]:
        """As it is sent and recorded: amounts are decimal texts, typed data has EIP-712's own names."""
        return self.model_dump(mode="json", by_alias=True)

    def narrowed(self, calls: tuple[Call, ...]) -> Self:
        """The same proposal with only these of its calls: one step of a sequence.

        Claims speak of the whole, and were held against it: fewer calls carry none.
        """
        return self.model_copy(update={"calls": calls, "claims": self.claims if calls == self.calls else ()})
