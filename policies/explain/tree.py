"""explain: a proposal, its book and its facts in, an Explanation out. Pure; it decides nothing and never raises."""

from __future__ import annotations

from collections.abc import Sequence

from ...wallets.call import argument_types
from ...wallets.values import NATIVE, checksum
from ..book.book import Book
from ..decode.derive import derive_tree
from ..decode.draft.abi import NotCanonical, decode
from ..decode.draft.call_node import Argument, CallNode
from ..decode.messages import read_sign_in
from ..effect import Effect
from ..facts import Facts
from ..proposal import Proposal
from .argument_names import likely_signature, named_arguments
from .explanation import Explanation, Named, ToldCall, ToldEffect, ToldSignature
from .render import render_amount, render_effect
from .unusual import Eye, unusual_call, unusual_effect, unusual_whole
from .values import party, visible, written

LONGEST_FUNCTION = 120


def explain(proposal: Proposal, book: Book, facts: Facts, *, where: str = "the book") -> Explanation:
    """The proposal for people. ``where`` is what ``book`` is called. Without a verdict: ``judge`` gives it."""
    effects, nodes = derive_tree(
        proposal,
        book,
        total_supplies=facts.total_supplies,
        allowances=facts.allowances,
        static=facts.static,
    )
    return _Teller(Eye(proposal, book, facts, where), effects, nodes).whole()


class _Teller:
    def __init__(self, eye: Eye, effects: Sequence[Effect], nodes: Sequence[CallNode]) -> None:
        self._eye = eye
        self._effects = effects
        self._nodes = {(node.call, node.path): node for node in nodes}

    def whole(self) -> Explanation:
        proposal = self._eye.proposal
        tops = [(call, path) for call, path in self._nodes if not path or (call is None and len(path) == 1)]
        told = {(effect.call, effect.path) for effect in self._effects} & set(self._nodes)
        return Explanation(
            chain_id=proposal.chain_id,
            account=self._party(proposal.account, ours="") or checksum(proposal.account),
            signature=self._signature(),
            calls=tuple(self._call(*top) for top in tops),
            effects=tuple(self._effect(one) for one in self._effects if (one.call, one.path) not in told),
            unusual=tuple(dict.fromkeys(map(visible, unusual_whole(self._eye)))),
        )

    def _call(self, call: int | None, path: tuple[int, ...]) -> ToldCall:
        node = self._nodes[call, path]
        below = [key for key in self._nodes if key[0] == call and len(key[1]) == len(path) + 1]
        mine = (effect for effect in self._effects if (effect.call, effect.path) == (call, path))
        value = node.value and render_amount(NATIVE, node.value, self._eye.book, self._eye.chain_id, self._eye.facts)
        return ToldCall(
            path=path if call is None else (call, *path),
            sender=self._party(node.sender),
            target="a new contract" if node.target is None else self._party(node.target),
            function=_function(node),
            value=value or "",
            arguments=self._arguments(node),
            effects=tuple(self._effect(effect) for effect in mine),
            unusual=tuple(dict.fromkeys(map(visible, unusual_call(self._eye, node)))),
            calls=tuple(self._call(*key) for key in below if key[1][: len(path)] == path),
        )

    def _effect(self, effect: Effect) -> ToldEffect:
        eye = self._eye
        words = render_effect(effect, eye.book, eye.chain_id, eye.facts, account=eye.proposal.account)
        return ToldEffect(
            kind=effect.kind.value,
            words=visible(words),
            unusual=tuple(dict.fromkeys(map(visible, unusual_effect(eye, effect)))),
        )

    def _arguments(self, node: CallNode) -> tuple[Named, ...]:
        signature, arguments = node.signature, node.arguments
        if signature is None:
            signature, arguments = _guessed(node)
        if signature is None or node.target is None:
            return ()
        named = named_arguments(self._eye.book, node.target, self._eye.chain_id, signature, arguments)
        return tuple(
            Named(name=visible(name), value=self._written(argument.value, name, argument.type))
            for name, argument in named
        )

    def _signature(self) -> ToldSignature | None:
        proposal = self._eye.proposal
        if proposal.typed_data is not None:
            typed = proposal.typed_data
            contract = typed.domain.get("verifyingContract")
            fields = (*typed.domain.items(), *typed.message.items())
            return ToldSignature(
                kind=visible(typed.primary_type),
                contract=self._written(contract, "", "") if isinstance(contract, str) else "",
                fields=tuple(Named(name=visible(name), value=self._written(value, name, "")) for name, value in fields),
            )
        if proposal.message is not None:
            return _message(proposal.message)
        if proposal.raw_hash is not None:
            return ToldSignature(kind="hash", fields=(Named(name="hash", value=proposal.raw_hash),))
        return None

    def _written(self, value: object, name: str, kind: str) -> str:
        eye = self._eye
        return written(value, name, kind, eye.book, eye.chain_id, eye.proposal.account)

    def _party(self, address: str, ours: str | None = None) -> str:
        account = self._eye.proposal.account if ours is None else ours
        return party(address, self._eye.book, self._eye.chain_id, account)


def _function(node: CallNode) -> str:
    if node.signature is not None:
        return visible(node.signature[:LONGEST_FUNCTION])
    if not node.data:
        return "no data"
    if node.target is None:
        return f"{len(node.data)} bytes of code"
    signature, _ = _guessed(node)
    return f"0x{node.data[:4].hex()} ({len(node.data)} bytes)" + (f", perhaps {signature}" if signature else "")


def _guessed(node: CallNode) -> tuple[str | None, tuple[Argument, ...]]:
    """The function that the selector is likely of, where the calldata is exactly a call of it."""
    signature = likely_signature(node.data[:4])
    if signature is None:
        return None, ()
    try:
        values = decode(signature, node.data[4:])
    except NotCanonical:
        return None, ()
    types = argument_types(signature)
    return signature, tuple(Argument(kind, value) for kind, value in zip(types, values, strict=True))


def _message(message: bytes) -> ToldSignature:
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        return ToldSignature(kind="message", fields=(Named(name="bytes", value="0x" + message[:200].hex()),))
    sign_in = read_sign_in(text)
    if sign_in is None:
        return ToldSignature(kind="message", fields=(Named(name="text", value=visible(text)),))
    fields = {"domain": sign_in.domain, "account": checksum(sign_in.address), "chain": str(sign_in.chain_id)}
    fields |= {"address": sign_in.uri, "statement": sign_in.statement, "expires": sign_in.expires_at or "never"}
    told = tuple(Named(name=name, value=visible(value)) for name, value in fields.items() if value)
    return ToldSignature(kind="sign-in (EIP-4361)", contract="", fields=told)
