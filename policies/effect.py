"""Effect: what a proposal will do, found from its decoded bytes at their worst case.

An effect says what leaves or is permitted to leave (``asset``, ``amount``: at most this much) and, for a swap, what is
guaranteed to come (``bought``, ``bought_minimum``). ``None`` means unknown; ``unknown`` then says in words what is not.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from ..wallets.values import NATIVE, Address, Asset, BaseUnits

UNLIMITED_BASE_UNITS = 2**96 - 1
"""From here on an allowance is unlimited, and using it proves nothing: UNI and COMP keep uint96, whose maximum they
never reduce.
"""


class Kind(StrEnum):
    """The kinds of effects, as policy.yaml names them."""

    TRANSFER = "transfer"
    APPROVAL = "approval"
    REVOCATION = "revocation"
    PERMIT = "permit"
    WRAP = "wrap"
    UNWRAP = "unwrap"
    SWAP = "swap"
    SUPPLY = "supply"
    WITHDRAW = "withdraw"
    BORROW = "borrow"
    REPAY = "repay"
    NFT_TRANSFER = "nft_transfer"
    VOTE = "vote"
    DELEGATION = "delegation"
    MESSAGE = "message"
    CALL = "call"
    DELEGATECALL = "delegatecall"
    CONTRACT_CREATION = "contract_creation"
    SET_CODE = "set_code"
    OWNERSHIP_CHANGE = "ownership_change"
    MODULE_CHANGE = "module_change"
    OPERATOR_APPROVAL = "operator_approval"
    UNLIMITED_APPROVAL = "unlimited_approval"
    PULL = "pull"
    RAW_SIGNATURE = "raw_signature"
    UNKNOWN = "unknown"


class Effect(BaseModel):
    """One effect of a proposal. Amounts are base units.

    ``target``: the contract called (the token, the router, the pool), None for native coin and creations.
    ``counterparty``: recipient of a transfer, withdrawal or swap; spender of an approval, revocation or permit;
    delegatee.
    ``on_behalf_of``: whose position a supply, borrow or repay changes.
    ``exact``: ``amount`` leaves to the last unit when the call succeeds; False where it is a maximum.
    ``keeper``: the contract that keeps this allowance, where it is not the token itself (Permit2).
    ``settled_by``: index of the effect that brings this approval to exactly zero: it takes that one's verdict.
    ``beside``: this effect is raised beside the effect at that index, and is judged for itself.
    ``may_fail``: the call that does this may fail alone, and the rest goes on: what it takes back may stay.
    ``path``: where the call that does this stands inside ``call``: empty at the top, ``(1, 0)`` for the first call of
    the second one that it makes.
    ``token_ids``: of an nft_transfer, where they are known. ``support``: of a vote, as the governor counts it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    call: int | None = None
    target: Address | None = None
    asset: Asset | None = None
    amount: BaseUnits | None = None
    exact: bool = True
    counterparty: Address | None = None
    bought: Asset | None = None
    bought_minimum: BaseUnits | None = None
    on_behalf_of: Address | None = None
    deadline: int | None = None
    keeper: Address | None = None
    settled_by: int | None = None
    beside: int | None = None
    path: tuple[int, ...] = ()
    may_fail: bool = False
    token_ids: tuple[BaseUnits, ...] = ()
    support: int | None = None
    unknown: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_of_votes(self) -> bool:
        """Whether it delegates votes: nothing can be taken by it, so it has no amount. One of debt always has."""
        return self.kind is Kind.DELEGATION and self.amount is None and not self.unknown

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that it deals with, tokens and contracts included, ``native`` left out, each once."""
        named = (self.counterparty, self.on_behalf_of, self.target, self.keeper, self.asset, self.bought)
        return tuple(dict.fromkeys(address for address in named if address is not None and address != NATIVE))
