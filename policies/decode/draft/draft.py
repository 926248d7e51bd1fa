"""Draft: the effects of one proposal while they are being found, with the few facts that decoders need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....wallets.call import Call, argument_types
from ....wallets.values import NATIVE
from ...effect import UNLIMITED_BASE_UNITS, Effect, Kind
from ...trusted import made
from .book_view import BookView, TokenView
from .call_node import Argument, CallNode
from .nesting import Frame, Inside, descend
from .settlement import Allowance, Movement, Use

__all__ = ["Draft", "Frame"]


@dataclass(slots=True)
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
    inside: Inside | None = field(default=None, init=False)

    def token(self, address: str) -> TokenView | None:
        """The registry's entry of a token on this chain."""
        return self.book.token(address, self.chain_id)

    def is_weth(self, address: str) -> bool:
        """Whether the address is the wrapped native coin of this chain."""
        entry = self.token(address)
        return entry is not None and entry.kind == "weth9"

    def add(self, kind: Kind, frame: Frame | None = None, **fields: Any) -> int:
        """Append one effect; its index."""
        fields["kind"] = kind
        if frame is not None:
            fields.setdefault("call", frame.call)
            fields.setdefault("target", frame.target)
            if frame.path:
                fields["path"] = frame.path
        self.effects.append(fields)
        return len(self.effects) - 1

    def unknown(self, words: str, frame: Frame | None = None, **fields: Any) -> int:
        """Append an effect that no rule can allow; ``words`` say what is unknown."""
        return self.add(Kind.UNKNOWN, frame, unknown=(words,), **fields)

    def transfer(self, frame: Frame | None, asset: str, amount: int | None, to: str, **fields: Any) -> int:
        """A transfer of a token or of native coin; unknown beside it where the token contract itself receives."""
        index = self.add(Kind.TRANSFER, frame, asset=asset, amount=amount, counterparty=to, **fields)
        if to == asset:
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
            note="left in the contract",
        )
        self.unknown(
            f"who takes the {asset} that is left in {frame.target}: anybody can", frame, beside=index, asset=asset
        )

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
        descend(self, frame, calls, sender=sender, may_fail=may_fail, first=first, known=known)

    def keep_value(self, frame: Frame) -> None:
        """Value sent to a contract that keeps it: a transfer, unless the contract is the account itself."""
        if frame.value and frame.target != self.account:
            self.transfer(frame, NATIVE, frame.value, frame.target)

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
        for index, used_by in settled.items():
            self.effects[index]["settled_by"] = used_by
        return tuple([made(Effect, fields) for fields in self.effects])
