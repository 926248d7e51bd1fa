"""What each kind of effect does: one table, and the sets of kinds that are read off it.

Source: shared vocabulary of policy.yaml (``docs/policy.md``); the fields are those of ``Effect``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .effect import Kind
from .facts import Counter


@dataclass(frozen=True, slots=True)
class Row:
    """What an effect of one kind does.

    ``allowable``: an allow or escalate rule may name it; the others exist to be denied by name.
    ``asset``: what its ``asset`` is, None where it has none. ``leaves``: the calls themselves take it from the account.
    ``comes``: the fields that name what comes. ``allowance``: what becomes of somebody's right to take or to borrow.
    ``draws``: its contract takes the asset by an allowance.
    ``party``: what its counterparty is; ``own``: the account itself where nobody is named.
    ``position``: the field that names whose position it changes.
    ``counts``: what it adds to, the counter that tells its whole amount first.
    """

    allowable: bool = False
    asset: Literal["fungible", "collection"] | None = "fungible"
    leaves: bool = False
    comes: tuple[Literal["asset", "bought"], ...] = ()
    allowance: Literal["takes", "borrows", "ends", "everything"] | None = None
    draws: bool = False
    party: Literal["recipient", "spender", "delegatee"] | None = None
    own: bool = False
    position: Literal["on_behalf_of", "counterparty"] | None = None
    counts: tuple[Counter, ...] = ()


TABLE: dict[Kind, Row] = {
    Kind.TRANSFER: Row(allowable=True, leaves=True, party="recipient", counts=("outflow",)),
    Kind.APPROVAL: Row(allowable=True, allowance="takes", party="spender", counts=("outflow",)),
    Kind.REVOCATION: Row(allowable=True, allowance="ends", party="spender"),
    Kind.PERMIT: Row(allowable=True, allowance="takes", party="spender", counts=("outflow",)),
    Kind.WRAP: Row(allowable=True, leaves=True, comes=("bought",), party="recipient", own=True, counts=("outflow",)),
    Kind.UNWRAP: Row(allowable=True, leaves=True, comes=("bought",), party="recipient", own=True, counts=("outflow",)),
    Kind.SWAP: Row(
        allowable=True,
        leaves=True,
        comes=("bought",),
        draws=True,
        party="recipient",
        counts=("turnover", "outflow"),
    ),
    Kind.SUPPLY: Row(allowable=True, leaves=True, draws=True, position="on_behalf_of", counts=("outflow",)),
    Kind.WITHDRAW: Row(
        allowable=True, comes=("asset",), party="recipient", position="counterparty", counts=("outflow",)
    ),
    Kind.BORROW: Row(
        allowable=True,
        comes=("asset", "bought"),
        party="recipient",
        own=True,
        position="on_behalf_of",
        counts=("borrow",),
    ),
    Kind.REPAY: Row(allowable=True, leaves=True, draws=True, position="on_behalf_of", counts=("outflow",)),
    Kind.NFT_TRANSFER: Row(allowable=True, asset="collection", leaves=True, party="recipient"),
    Kind.VOTE: Row(allowable=True, asset=None),
    Kind.DELEGATION: Row(allowable=True, allowance="borrows", party="delegatee", counts=("borrow", "outflow")),
    Kind.MESSAGE: Row(allowable=True, asset=None),
    Kind.CALL: Row(allowable=True, asset=None),
    Kind.DELEGATECALL: Row(asset=None),
    Kind.CONTRACT_CREATION: Row(asset=None),
    Kind.SET_CODE: Row(asset=None),
    Kind.OWNERSHIP_CHANGE: Row(asset=None),
    Kind.MODULE_CHANGE: Row(asset=None),
    Kind.OPERATOR_APPROVAL: Row(asset="collection", allowance="everything", party="spender"),
    Kind.UNLIMITED_APPROVAL: Row(allowance="everything", party="spender"),
    Kind.PULL: Row(party="recipient"),
    Kind.RAW_SIGNATURE: Row(asset=None),
    Kind.UNKNOWN: Row(),
}


def _kinds(chosen: Callable[[Row], bool]) -> frozenset[Kind]:
    return frozenset(kind for kind, row in TABLE.items() if chosen(row))


ALLOWABLE = _kinds(lambda row: row.allowable)
"""Kinds that an allow or escalate rule may name; the others exist to be denied by name."""
WITHOUT_ASSET = _kinds(lambda row: row.asset is None)
LEAVES = _kinds(lambda row: row.leaves)
"""Their ``asset`` leaves the account."""
COMES_BOUGHT = _kinds(lambda row: "bought" in row.comes)
"""Their ``bought_minimum`` comes, to their counterparty."""
COMES_FROM_POOL = _kinds(lambda row: "asset" in row.comes)
"""Their ``asset`` comes, to their counterparty."""
LETS_TAKE = _kinds(lambda row: row.allowance == "takes")
"""They set what somebody may take: it may leave, and stands until it is taken or revoked."""
OPENS = _kinds(lambda row: row.allowance in ("takes", "borrows"))
"""They set what somebody may take, or (a delegation of debt) borrow. A delegation of votes has no amount."""
SETS_ALLOWANCE = _kinds(lambda row: row.allowance in ("takes", "borrows", "ends"))
WITHOUT_END = _kinds(lambda row: row.allowance == "everything")
"""They let somebody take all that is there and all that ever comes."""
DRAWS = _kinds(lambda row: row.draws)
"""Their contract takes the asset by an allowance, where it is no coin."""
TAKES_OF_BALANCE = _kinds(
    lambda row: row.asset == "fungible" and (row.leaves or row.allowance in ("takes", "everything"))
)
"""They take from the balance, or may. A withdrawal or a loan takes from a pool."""
HAS_RECIPIENT = _kinds(lambda row: row.party == "recipient" and not row.own)
HAS_SPENDER = _kinds(lambda row: row.party == "spender")
FUNGIBLE_ALLOWANCE = _kinds(lambda row: row.party == "spender" and row.asset == "fungible")
"""The token, or who keeps it for the token, tells their allowance as a number."""
FOR_SELF_UNLESS_SAID = _kinds(lambda row: row.own)
HAS_POSITION = _kinds(lambda row: row.position is not None)
HAS_OWNER = _kinds(lambda row: row.position == "on_behalf_of")
"""``on_behalf_of`` names whose position they change."""
SENT = _kinds(lambda row: row.counts == ("outflow",) and row.allowance is None and row.position != "on_behalf_of")
"""Outflow, unless the recipient is ours; a withdrawal is for its recipient."""
KEPT = _kinds(lambda row: row.counts == ("outflow",) and row.position == "on_behalf_of")
"""Outflow, unless the position is ours."""
WRAPS = _kinds(lambda row: row.own and row.leaves)
"""The coin and what wraps it, for the account itself where nobody is named."""
VALUE_TO_SOMEBODY = _kinds(lambda row: row.leaves or "outflow" in row.counts)
"""They give somebody value, or the right to take it."""
RECEIVES = _kinds(lambda row: row.party is not None and not row.own and (row.leaves or "outflow" in row.counts))
"""Their counterparty gets value, or the right to take it."""
GOES_ELSEWHERE = _kinds(lambda row: "outflow" in row.counts and row.position is None and not row.own)
"""Outflow, in the ordinary case."""
COUNTED_AS: dict[Kind, Counter] = {kind: row.counts[0] for kind, row in TABLE.items() if row.counts}
"""The counter that tells asset, amount and recipient of such an effect once it was let through."""
