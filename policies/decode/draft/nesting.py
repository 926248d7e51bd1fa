"""Calls inside calls: what is ours is decoded as at the top, what is not is unknown with its dangers named; bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ....wallets.call import Call, selector
from ....wallets.values import NATIVE
from ...effect import Kind
from .settlement import settled_for_certain

if TYPE_CHECKING:
    from .draft import Draft

DEEPEST = 8
"""Calls inside calls: an EntryPoint, an account, its Safe and a MultiSend are four, and nobody honest doubles that."""
MOST_CALLS = 256
"""Calls inside the top-level ones, in all: more than any payroll batch that fits a block."""
MOST_BYTES = 128 * 1024
"""Calldata of the calls inside, in all: a transaction that nodes pass on has 128 KiB."""
DANGERS = frozenset(
    {
        Kind.UNLIMITED_APPROVAL,
        Kind.OPERATOR_APPROVAL,
        Kind.DELEGATECALL,
        Kind.CONTRACT_CREATION,
        Kind.SET_CODE,
        Kind.OWNERSHIP_CHANGE,
        Kind.MODULE_CHANGE,
        Kind.RAW_SIGNATURE,
    }
)
"""Effects that are named even where another sender has them."""
_DETAILS = "(address,uint160,uint48,uint48)"
PERMITS = (
    "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)",
    f"permit(address,({_DETAILS},address,uint256),bytes)",
    f"permit(address,({_DETAILS}[],address,uint256),bytes)",
)
"""Functions by which anybody makes an owner's signature count: EIP-2612, DAI, Permit2."""


class Frame(NamedTuple):
    """One call as decoders see it: ``target`` (lower case), ``value`` in wei, and its real ``sender``.

    ``call`` is the number of the top-level call that it belongs to (None below a signature), ``path`` where it stands
    inside (as Effect.path). ``trusted``: every contract between us and this call is one that we know to the letter.
    """

    call: int | None
    target: str
    value: int
    sender: str
    path: tuple[int, ...] = ()
    trusted: bool = True

    @property
    def depth(self) -> int:
        """Calls between this one and the top."""
        return len(self.path)


@dataclass
class Inside:
    """What lies inside the calls of a proposal so far: how much, and which approvals settle in there by themselves."""

    calls: int = 0
    data_bytes: int = 0
    settled: dict[int, int] = field(default_factory=dict)

    def bound(self, depth: int) -> str:
        """Which bound is passed, in words; empty where none."""
        if depth > DEEPEST:
            return f"it is more than {DEEPEST} calls deep"
        if self.calls > MOST_CALLS:
            return f"the proposal has more than {MOST_CALLS} calls inside others"
        if self.data_bytes > MOST_BYTES:
            return f"the calls inside others have more than {MOST_BYTES} bytes"
        return ""


def descend(
    draft: Draft,
    frame: Frame | None,
    calls: Sequence[Call],
    *,
    sender: str,
    may_fail: bool,
    first: int,
    known: bool,
) -> None:
    """As Draft.descend says."""
    root = draft.root or draft
    inside = root.inside = root.inside or Inside()
    above = Frame(None, sender, 0, sender) if frame is None else frame
    trusted = above.trusted and (frame is None or (known and _is_pinned(draft, above.target)))
    for number, call in enumerate(calls, first):
        inner = Frame(above.call, call.to or "", call.value, sender, (*above.path, number), trusted)
        inside.calls += 1
        inside.data_bytes += len(call.data)
        bound = inside.bound(inner.depth)
        if bound:
            root.unknown(f"what the call inside {above.target} does: {bound}", above)
            return
        if not (trusted and sender == root.account):
            _foreign(root, inner, call)
            continue
        start, first_effect = len(root.movements), len(root.effects)
        root.enter(root, inner, call)
        if may_fail:
            for fields in root.effects[first_effect:]:
                fields["may_fail"] = True
            inside.settled.update(settled_for_certain(root.movements, start))


def _is_pinned(draft: Draft, address: str) -> bool:
    venue = draft.book.venue(address, draft.chain_id)
    return venue is not None and venue.code_hash is not None


def _foreign(root: Draft, frame: Frame, call: Call) -> None:
    """A call that we do not make: unknown, and beside it what is dangerous about it."""
    if frame.sender == root.account:
        why = "the account makes it by code that the book does not know, or does not pin with a code_hash"
    else:
        why = f"it is made by {frame.sender} as the sender, which is not the account"
    sent = {"asset": NATIVE, "amount": frame.value, "counterparty": frame.target} if frame.value else {}
    index = root.unknown(f"what a call of {frame.target} does: {why}", frame, **sent)
    scratch = replace(root, account=frame.sender, allowances={}, effects=[], movements=[], root=root)
    root.enter(scratch, frame, call)
    dangers = [{**fields, "kind": _danger(root, fields)} for fields in scratch.effects]
    if call.data[:4] in _permits():
        permitted = replace(root, allowances={}, effects=[], movements=[], nodes=None, root=root)
        root.enter(permitted, frame, call)
        dangers += [fields for fields in permitted.effects if fields["kind"] != Kind.UNKNOWN]
    root.effects += [{**fields, "beside": index} for fields in dangers if fields["kind"] is not None]


def _danger(root: Draft, fields: Mapping[str, Any]) -> Kind | None:
    """As what to name an effect of somebody else's call; None where it is no danger to us."""
    kind: Kind = fields["kind"]
    if kind in DANGERS:
        return kind
    if fields.get("on_behalf_of") != root.account:
        return None
    if kind == Kind.PULL:
        return Kind.TRANSFER if fields.get("amount") is not None else Kind.NFT_TRANSFER
    return kind if kind == Kind.BORROW else None


@lru_cache(maxsize=1)
def _permits() -> frozenset[bytes]:
    return frozenset(selector(signature) for signature in PERMITS)
