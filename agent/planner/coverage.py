"""Coverage: which calls a clause can mean at all. Code enumerates them; the model only ever chooses among them.

A call is a reading of a clause when every number, asset, payee and venue of the clause is consumed by it, each of its
values traces to a span of the clause, and no word before a value says otherwise (`into weth` is bought, `from alice`
is no payee). What paid most in a trial: it brought wrong plans from 6 of 40 to none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...tools import Catalog, Parameter, Tool, ToolCall, ToolError
from ...tools.handles import Payee, Token, Venue
from ...tools.slots import Amount, HealthFactor, Quantity
from .forms import Grammar, grammar
from .lexicon import COURTESY, DETERMINERS, OWED, PREPOSITIONS, WEAK_VERBS
from .parser import Spans, take
from .request import MENTIONS, Kind, Word

MOST_READINGS = 64
"""Past this a clause is too tangled to choose in: ask."""
PLACES = frozenset({"on", "via", "through", "at", "using"})
FOLLOWS = PREPOSITIONS | DETERMINERS | COURTESY | frozenset({"and", "then", "over", "back", "his", "her", "their"})
"""What may follow a payee or an asset; any other word makes another thing of it, as in ``the alice fund``."""
RECEIVES = frozenset({"gets", "needs", "receives"})
KINDS = {Payee: Kind.PAYEE, Token: Kind.ASSET, Venue: Kind.VENUE}


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a parameter could take, and the places of the words that say so."""

    text: str
    spans: Spans


@dataclass(frozen=True, slots=True)
class Covered:
    """A call that covers its clause, with the spans of each argument."""

    call: ToolCall
    spans: Mapping[str, Spans]


def covered(words: Sequence[Word], tools: Sequence[Tool], catalog: Catalog) -> tuple[Covered, ...]:
    """Every call of these tools that covers the clause, in the order of the tools; none where there are too many."""
    rules = grammar(catalog)
    if _stray_place(words):
        return ()
    spoken = [
        rules.verbs[word.text]
        for word in words
        if word.kind is Kind.WORD and word.text in rules.verbs and word.text not in WEAK_VERBS
    ]
    found: dict[ToolCall, Covered] = {}
    for tool in tools:
        if tool.effect == "propose" and not all(tool.name in names for names in spoken):
            continue
        if [p.slot for p in tool.parameters] == [Amount] and not any(tool.name in names for names in spoken):
            # Beside its verb, nothing in a sentence tells a tool that takes an amount alone (wrap) from the others.
            continue
        for reading in _of_tool(words, tool, rules, catalog):
            found.setdefault(reading.call, reading)
            if len(found) > MOST_READINGS:
                return ()
    return tuple(found.values())


def _of_tool(words: Sequence[Word], tool: Tool, rules: Grammar, catalog: Catalog) -> Iterator[Covered]:
    options = {p.name: list(_options(words, tool, p, rules)) for p in tool.parameters}
    for chosen in _assignments(tool.parameters, options, {}):
        texts = {name: option.text for name, option in chosen.items()}
        try:
            call = catalog.checked(ToolCall(tool=tool.name, arguments=texts))
        except ToolError:
            continue
        if not uncovered(words, call, [span for option in chosen.values() for span in option.spans]):
            yield Covered(call, {name: option.spans for name, option in chosen.items()})


def _assignments(
    parameters: Sequence[Parameter], options: Mapping[str, Sequence[Option]], chosen: Mapping[str, Option]
) -> Iterator[Mapping[str, Option]]:
    """Every way to give the parameters values from distinct words."""
    if not parameters:
        yield chosen
        return
    first, rest = parameters[0], parameters[1:]
    used = {span for option in chosen.values() for span in option.spans}
    for option in options[first.name]:
        if not used & set(option.spans):
            yield from _assignments(rest, options, {**chosen, first.name: option})
    if not first.required:
        yield from _assignments(rest, options, chosen)


def uncovered(words: Sequence[Word], call: ToolCall, spans: Sequence[tuple[int, int]]) -> list[Word]:
    """Mentions that the call leaves out. An asset or handle may be named again; each number counts by its place."""
    used = set(spans)
    texts = " ".join(call.arguments.values()).replace(",", " ").split()
    return [
        word
        for word in words
        if word.kind in MENTIONS
        and (word.start, word.end) not in used
        and not (word.kind in (Kind.ASSET, Kind.PAYEE, Kind.VENUE) and word.label in texts)
    ]


def _options(words: Sequence[Word], tool: Tool, parameter: Parameter, rules: Grammar) -> Iterator[Option]:
    seen: set[str] = set()
    for at, word in enumerate(words):
        if word.kind not in MENTIONS:
            continue
        for reached, text in _readings(words, parameter.slot, at):
            allowed = _governed(words, at, tool, parameter, rules)
            # The same label twice is one option; the same number twice is two.
            if allowed and (parameter.slot not in KINDS or text not in seen):
                seen.add(text)
                yield Option(text, tuple((w.start, w.end) for w in words[at:reached] if w.kind in MENTIONS))
    if parameter.slot is Amount:
        yield from _loose(words, tool, parameter, rules)


def _readings(words: Sequence[Word], slot: type, at: int) -> Iterator[tuple[int, str]]:
    found = list(take(slot, words, at))
    if slot is Amount and not found and words[at].kind is Kind.ASSET and at + 1 < len(words):
        # "usdc 250": the asset before its number, unless the number has one of its own.
        measure = words[at + 1]
        if measure.kind is Kind.NUMBER and not list(take(slot, words, at + 1)):
            found = [(at + 2, str(Quantity(words[at].label, number=measure.number)))]
    # Weights are taken whole: the longest reading.
    yield from found[-1:]


def _loose(words: Sequence[Word], tool: Tool, parameter: Parameter, rules: Grammar) -> Iterator[Option]:
    """A measure with no asset beside it, paired with each asset that has no measure beside it."""
    tied = {
        word.start
        for at in range(len(words))
        for reached, _ in _readings(words, Amount, at)
        if words[at].kind in MENTIONS
        for word in words[at:reached]
    }
    for at, measure in enumerate(words):
        if measure.kind not in (Kind.NUMBER, Kind.SHARE) or measure.start in tied:
            continue
        if not _governed(words, at, tool, parameter, rules):
            continue
        for asset in words:
            if asset.kind is Kind.ASSET and asset.start not in tied:
                share = measure.number if measure.kind is Kind.SHARE else None
                number = measure.number if measure.kind is Kind.NUMBER else None
                spans = ((measure.start, measure.end), (asset.start, asset.end))
                yield Option(str(Quantity(asset.label, number=number, share=share)), spans)


def _governed(words: Sequence[Word], at: int, tool: Tool, parameter: Parameter, rules: Grammar) -> bool:
    """Whether the word before a mention lets it be this parameter.

    A payee, an asset of its own or a health factor needs a word that the tool's sentences have before it; an amount
    only must not have a preposition or a verb there that they do not have.
    """
    markers = rules.markers.get((tool.name, parameter.name), frozenset())
    following = words[at + 1] if at + 1 < len(words) else None
    if following is not None and following.text == "'s":
        thing = words[at + 2] if at + 2 < len(words) else None
        return parameter.slot is Payee and tool.topic == "pay" and thing is not None and thing.text in OWED
    place = at - 1
    while place >= 0 and words[place].kind is Kind.WORD and words[place].text in DETERMINERS:
        place -= 1
    governor = words[place].text if place >= 0 and words[place].kind is Kind.WORD else None
    if tool.effect == "read":
        return True
    if parameter.slot in KINDS:
        strange = following is not None and following.kind is Kind.WORD and following.text not in FOLLOWS
        # "pay alice 5 usdc" has its verb before it; "alice needs 5 usdc" has it after.
        needs = governor is None and following is not None and following.text in RECEIVES
        return (governor in markers and not strange) or (parameter.slot is Payee and needs)
    if governor in markers or parameter.slot is HealthFactor:
        return governor in markers
    if governor in rules.verbs:
        return governor in WEAK_VERBS and tool.name not in rules.verbs[governor]
    return governor not in PREPOSITIONS


def _stray_place(words: Sequence[Word]) -> bool:
    """A place that the book does not know, as in ``on arbitrum``: a call cannot say it."""
    for at, word in enumerate(words[:-1]):
        if word.kind is Kind.WORD and word.text in PLACES:
            place = at + 1
            while place < len(words) and words[place].text in DETERMINERS:
                place += 1
            if place < len(words) and words[place].kind is Kind.WORD:
                return True
    return False
