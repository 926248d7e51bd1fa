"""The parser: plain commands without a model. It fires only when a form consumes the whole sentence, in one way.

Everything polite at either end is passed over; any other word or mention that no form takes means no reading at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...tools import Catalog, Tool, ToolCall, ToolError
from ...tools.handles import Payee, Token, Venue
from ...tools.slots import Amount, HealthFactor, Quantity, Share, TargetWeights, percent, plain
from .forms import Branch, Form, Literal, Node, grammar
from .lexicon import COURTESY, OPENINGS, POLITE_QUESTIONS
from .request import Kind, Word

ARTICLES = frozenset({"the", "our", "my"})
HOLDINGS = frozenset({"balance", "holdings", "position", "stack", "debt", "loan"})
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A call, and the words that each argument was read from."""

    call: ToolCall
    spans: Mapping[str, Spans]


def parse(words: Sequence[Word], catalog: Catalog) -> tuple[Parsed, ...]:
    """The distinct calls that the whole clause says: none where it is no plain command, several where ambiguous."""
    core, reads_only = _core(list(words))
    if not core:
        return ()
    found: dict[ToolCall, Parsed] = {}
    for form in grammar(catalog).forms:
        if reads_only and form.tool.effect != "read":
            continue
        for bound in _match(form, core):
            try:
                call = catalog.checked(ToolCall(tool=form.tool.name, arguments={n: t for n, (t, _) in bound.items()}))
            except ToolError:
                continue
            found.setdefault(call, Parsed(call, {name: spans for name, (_, spans) in bound.items()}))
    return tuple(found.values())


def _core(words: list[Word]) -> tuple[list[Word], bool]:
    """The sentence without courtesy, and whether only questions may be read from it."""
    question = bool(words) and words[-1].text == "?"
    if question:
        words = words[:-1]
    polite = False
    while words:
        opening = next((o for o in OPENINGS if tuple(w.text for w in words[: len(o)]) == o), None)
        if opening is not None:
            polite = polite or opening in POLITE_QUESTIONS
            words = words[len(opening) :]
        elif _courteous(words[0]):
            words = words[1:]
        else:
            break
    while words and _courteous(words[-1]):
        words = words[:-1]
    return words, question and not polite


def _courteous(word: Word) -> bool:
    return (word.kind is Kind.WORD and word.text in COURTESY) or word.text in {",", "!", "."}


Bound = dict[str, tuple[str, Spans]]


def _match(form: Form, words: Sequence[Word]) -> Iterator[Bound]:
    for end, bound in _walk(form.tool, form.nodes, words, 0, {}):
        if end == len(words):
            yield bound


def _walk(
    tool: Tool, nodes: Sequence[Node], words: Sequence[Word], at: int, bound: Bound
) -> Iterator[tuple[int, Bound]]:
    if not nodes:
        yield at, bound
        return
    node, rest = nodes[0], nodes[1:]
    if isinstance(node, Literal):
        if at < len(words) and words[at].text == node.text:
            yield from _walk(tool, rest, words, at + 1, bound)
    elif isinstance(node, Branch):
        for option in node.options:
            for reached, inner in _walk(tool, option, words, at, bound):
                yield from _walk(tool, rest, words, reached, inner)
    else:
        slot = next(parameter.slot for parameter in tool.parameters if parameter.name == node.parameter)
        for reached, text in take(slot, words, at):
            spans = tuple((word.start, word.end) for word in words[at:reached] if word.kind is not Kind.WORD)
            yield from _walk(tool, rest, words, reached, {**bound, node.parameter: (text, spans)})


def take(slot: type, words: Sequence[Word], at: int) -> Iterator[tuple[int, str]]:
    """The ways to read a slot from the words at a position: where each ends, and its text."""
    if slot is Amount:
        yield from _amount(words, at)
    elif slot is TargetWeights:
        yield from _weights(words, at)
    elif slot in (Payee, Token, Venue):
        kind = {Payee: Kind.PAYEE, Token: Kind.ASSET, Venue: Kind.VENUE}[slot]
        place = _skip(words, at, ARTICLES) if slot is Token else at
        if place < len(words) and words[place].kind is kind:
            yield place + 1, words[place].label
    elif at < len(words):
        following = words[at + 1] if at + 1 < len(words) else None
        if (
            slot is HealthFactor
            and words[at].kind is Kind.NUMBER
            and (not following or following.kind is not Kind.ASSET)
        ):
            yield at + 1, plain(words[at].number)
        elif slot is Share and words[at].kind is Kind.SHARE:
            yield at + 1, percent(words[at].number)


def _skip(words: Sequence[Word], at: int, texts: frozenset[str]) -> int:
    while at < len(words) and words[at].kind is Kind.WORD and words[at].text in texts:
        at += 1
    return at


def _amount(words: Sequence[Word], at: int) -> Iterator[tuple[int, str]]:
    place = _skip(words, at, ARTICLES)
    if place >= len(words) or words[place].kind not in (Kind.NUMBER, Kind.SHARE):
        return
    measure = words[place]
    asset = _skip(words, place + 1, ARTICLES | {"of"})
    if asset >= len(words) or words[asset].kind is not Kind.ASSET:
        return
    label = words[asset].label
    if measure.kind is Kind.NUMBER:
        yield asset + 1, str(Quantity(label, number=measure.number))
        return
    quantity = str(Quantity(label, share=measure.number))
    yield asset + 1, quantity
    if asset + 1 < len(words) and words[asset + 1].text in HOLDINGS:
        yield asset + 2, quantity


def _weights(words: Sequence[Word], at: int) -> Iterator[tuple[int, str]]:
    parts: list[str] = []
    while at + 1 < len(words):
        pair = {words[at].kind: words[at], words[at + 1].kind: words[at + 1]}
        if set(pair) != {Kind.SHARE, Kind.ASSET}:
            return
        parts.append(f"{percent(pair[Kind.SHARE].number)} {pair[Kind.ASSET].label}")
        at += 2
        if len(parts) > 1:
            yield at, ", ".join(parts)
        at = _skip_marks(words, at)


def _skip_marks(words: Sequence[Word], at: int) -> int:
    while at < len(words) and words[at].text in {",", "and", "/", "&", "+"}:
        at += 1
    return at
