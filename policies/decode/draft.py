"""Draft: the effects of one proposal while they are being found, with the few facts that decoders need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...wallets.call import Call, argument_types
from ...wallets.values import NATIVE
from ..effect import Effect, Kind
from .book_view import BookView, TokenView
from .call_node import Argument, CallNode
from .settlement import Allowance, Movement, Use, settled_for_certain

UNLIMITED_BASE_UNITS = 2**96 - 1
"""From here on an allowance is unlimited: UNI and COMP keep uint96, whose maximum they never reduce."""
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


DEEPEST = 8
"""Calls inside calls: an EntryPoint, an account, its Safe and a MultiSend are four, and nobody honest doubles that."""
MOST_CALLS = 256
"""Calls inside the top-level ones, in all: more than any payroll batch that fits a block."""
MOST_BYTES = 128 * 1024
"""Calldata of the calls inside, in all: a transaction that nodes pass on has 128 KiB."""


class Frame(NamedTuple):
    """One call as decoders see it: ``target`` (lower case), ``value`` in wei, and its real ``sender``.

    ``call`` is the number of the top-level call that it belongs to (None below typed data), ``path`` where it stands
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
class Draft:
    """Collects effects in order, and the movements of allowances that settle approvals.

    ``account``: whose calls these are. ``allowances``: base units by ``token:spender`` where the chain was read;
    ``total_supplies``: base units by token. ``enter`` decodes one call into a draft. ``nodes`` collects the tree of
    calls, where somebody wants it. A draft with a ``root`` is scratch paper for one call that another sender makes.
    """

    account: str
    chain_id: int
    book: BookView
    total_supplies: Mapping[str, int]
    allowances: Mapping[str, int]
    enter: Callable[[Draft, Frame, Call], None]
    static: bool = False
    nodes: list[CallNode] | None = None
    root: Draft | None = None
    effects: list[dict[str, Any]] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    settled: dict[int, int] = field(default_factory=dict, init=False)
    calls_inside: int = field(default=0, init=False)
    bytes_inside: int = field(default=0, init=False)

    def token(self, address: str) -> TokenView | None:
        """The registry's entry of a token on this chain."""
        return self.book.token(address, self.chain_id)

    def is_weth(self, address: str) -> bool:
        """Whether the address is the wrapped native coin of this chain."""
        entry = self.token(address)
        return entry is not None and entry.kind == "weth9"

    def add(self, kind: Kind, frame: Frame | None = None, **fields: Any) -> int:
        """Append one effect; its index."""
        if frame is not None:
            fields.setdefault("call", frame.call)
            fields.setdefault("target", frame.target)
            if frame.path:
                fields["path"] = frame.path
        self.effects.append({"kind": kind, **fields})
        return len(self.effects) - 1

    def unknown(self, words: str, frame: Frame | None = None, **fields: Any) -> int:
        """Append an effect that no rule can allow; ``words`` say what is unknown."""
        return self.add(Kind.UNKNOWN, frame, unknown=(words,), **fields)

    def transfer(self, frame: Frame | None, asset: str, amount: int | None, to: str, **fields: Any) -> int:
        """A transfer of a token or of native coin; unknown beside it where the token contract itself receives."""
        index = self.add(Kind.TRANSFER, frame, asset=asset, amount=amount, counterparty=to, **fields)
        self.refuse_token_as_recipient(frame, to, index, asset)
        return index

    def refuse_token_as_recipient(self, frame: Frame | None, recipient: str, index: int, *assets: str) -> None:
        """Raise unknown beside ``index`` where one of its assets is its own recipient."""
        if recipient in assets:
            self.unknown(f"what becomes of tokens sent to their own contract {recipient}", frame, beside=index)

    def stray_value(self, frame: Frame, function: str) -> None:
        """Value sent to a function that takes none: a transfer to a stranger."""
        index = self.add(
            Kind.TRANSFER,
            frame,
            asset=NATIVE,
            amount=frame.value,
            counterparty=frame.target,
            note=f"value sent to {function}, which takes none",
        )
        self.unknown(f"who gets the {frame.value} wei sent to {function}, which takes none", frame, beside=index)

    def left_behind(self, frame: Frame, asset: str, amount: int | None, *, exact: bool) -> None:
        """Value inside a router when its call ends: a transfer to a stranger, whoever takes it first."""
        index = self.add(
            Kind.TRANSFER,
            frame,
            asset=asset,
            amount=amount,
            exact=exact,
            counterparty=frame.target,
            note="left in the router",
        )
        self.unknown(f"who takes the {asset} that is left in the router: anybody can", frame, beside=index, asset=asset)

    def approval(
        self, kind: Kind, frame: Frame | None, asset: str, amount: int | None, spender: str, **fields: Any
    ) -> int:
        """An approval or permit; beside it ``unlimited_approval`` where it is one, unknown where nobody can tell."""
        index = self.add(kind, frame, asset=asset, amount=amount, counterparty=spender, **fields)
        if amount is None:
            self.unknown(
                f"whether the allowance of {spender} over {asset} becomes unlimited", frame, beside=index, asset=asset
            )
        elif amount >= UNLIMITED_BASE_UNITS or amount > self.total_supplies.get(asset, amount):
            self.add(
                Kind.UNLIMITED_APPROVAL,
                frame,
                target=self.effects[index].get("target"),
                asset=asset,
                amount=amount,
                counterparty=spender,
                beside=index,
            )
        return index

    def require_registered(self, frame: Frame | None, index: int | None, *assets: str) -> bool:
        """Raise unknown (beside ``index``) for each token that the registry lacks; whether it has them all."""
        missing = [asset for asset in dict.fromkeys(assets) if asset != NATIVE and self.token(asset) is None]
        for asset in missing:
            self.unknown(f"the token {asset} is not in the book", frame, beside=index, asset=asset)
        return not missing

    def swap(
        self,
        frame: Frame,
        *,
        sold: str,
        amount: int,
        exact: bool,
        bought: str,
        minimum: int,
        recipient: str,
        deadline: int | None,
        uses: tuple[Use, ...],
    ) -> int:
        """A swap, with the allowances that it draws on."""
        index = self.add(
            Kind.SWAP,
            frame,
            asset=sold,
            amount=amount,
            exact=exact,
            bought=bought,
            bought_minimum=minimum,
            counterparty=recipient,
            deadline=deadline,
        )
        self.movements.extend((index, use) for use in uses)
        self.require_registered(frame, index, sold, bought)
        self.refuse_token_as_recipient(frame, recipient, index, sold, bought)
        return index

    def moves(self, index: int, movement: Allowance | Use) -> None:
        """Note that the effect at ``index`` sets or uses an allowance."""
        self.movements.append((index, movement))

    def descend(
        self,
        frame: Frame | None,
        calls: Sequence[Call],
        *,
        sender: str,
        may_fail: bool = False,
        first: int = 0,
        known: bool = True,
    ) -> None:
        """Decode ``calls`` that the contract of ``frame`` (None: typed data) makes in order, with ``sender`` as theirs.

        A call of the account is ours, exactly as one at the top, where the book pins the code of the contract and
        that code is ``known`` to the letter; any other is unknown, and its dangers are named. ``may_fail``: each of
        them may fail alone without undoing the rest. ``first`` is the number of the first one. Over a bound everything
        further is unknown.
        """
        root = self.root or self
        above = Frame(None, sender, 0, sender) if frame is None else frame
        trusted = above.trusted and (frame is None or (known and self._is_pinned(above.target)))
        for number, call in enumerate(calls, first):
            inner = Frame(above.call, call.to or "", call.value, sender, (*above.path, number), trusted)
            root.calls_inside += 1
            root.bytes_inside += len(call.data)
            bound = root._bound(inner)
            if bound:
                root.unknown(f"what the call inside {above.target} does: {bound}", above)
                return
            if not (inner.trusted and sender == root.account):
                root._foreign(inner, call)
                continue
            start = len(root.movements)
            root.enter(root, inner, call)
            if may_fail:
                root.settled.update(settled_for_certain(root.movements, start))

    def _is_pinned(self, address: str) -> bool:
        venue = self.book.venue(address, self.chain_id)
        return venue is not None and venue.code_hash is not None

    def _bound(self, frame: Frame) -> str:
        if frame.depth > DEEPEST:
            return f"it is more than {DEEPEST} calls deep"
        if self.calls_inside > MOST_CALLS:
            return f"the proposal has more than {MOST_CALLS} calls inside others"
        if self.bytes_inside > MOST_BYTES:
            return f"the calls inside others have more than {MOST_BYTES} bytes"
        return ""

    def _foreign(self, frame: Frame, call: Call) -> None:
        """A call that we do not make: unknown, and beside it what is dangerous about it."""
        if frame.sender == self.account:
            why = "the account makes it by code that the book does not know, or does not pin with a code_hash"
        else:
            why = f"it is made by {frame.sender} as the sender, which is not the account"
        sent = {"asset": NATIVE, "amount": frame.value, "counterparty": frame.target} if frame.value else {}
        index = self.unknown(f"what a call of {frame.target} does: {why}", frame, **sent)
        scratch = Draft(
            frame.sender,
            self.chain_id,
            self.book,
            self.total_supplies,
            {},
            self.enter,
            static=self.static,
            nodes=self.nodes,
            root=self,
        )
        self.enter(scratch, frame, call)
        for fields in scratch.effects:
            danger = self._danger(fields)
            if danger is not None:
                self.effects.append({**fields, "kind": danger, "beside": index})

    def _danger(self, fields: Mapping[str, Any]) -> Kind | None:
        """As what to name an effect of somebody else's call; None where it is no danger to us."""
        kind: Kind = fields["kind"]
        if kind in DANGERS:
            return kind
        if fields.get("on_behalf_of") != self.account:
            return None
        if kind == Kind.PULL:
            return Kind.TRANSFER if fields.get("amount") is not None else Kind.NFT_TRANSFER
        return kind if kind == Kind.BORROW else None

    def visit(
        self,
        frame: Frame,
        call: Call,
        signature: str | None = None,
        arguments: tuple[Any, ...] = (),
        note: str = "",
    ) -> None:
        """Note a call in the tree, where somebody collects it; before the calls that it makes."""
        if self.nodes is None:
            return
        types = argument_types(signature) if signature is not None and arguments else ()
        self.nodes.append(
            CallNode(
                path=frame.path,
                call=frame.call,
                sender=frame.sender,
                target=call.to,
                value=call.value,
                data=call.data,
                operation=call.operation,
                signature=signature,
                arguments=tuple(Argument(kind, value) for kind, value in zip(types, arguments, strict=False)),
                note=note,
            )
        )

    def finished(self, settled: Mapping[int, int]) -> tuple[Effect, ...]:
        """The effects, approvals marked with what settles them."""
        return tuple(
            Effect(**fields, settled_by=settled[index]) if index in settled else Effect(**fields)
            for index, fields in enumerate(self.effects)
        )
