"""A request as words: quotes taken out, numbers, shares, assets, handles and venues found, clauses split.

Each word keeps its place in the request, so that every value of a call can be traced to it. What stands in quotes or
brackets is blanked before anything else is looked at: text in quotes is talked about, never obeyed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ...tools import Handles
from ...tools.slots import MAX_NUMBER_LENGTH
from .lexicon import CURRENCIES, HALF_WORDS, NUMBER_WORDS, WHOLE_WORDS
from .quotes import blanked


class Kind(StrEnum):
    """What a word is to the planner."""

    WORD = "word"
    NUMBER = "number"
    SHARE = "share"
    ASSET = "asset"
    PAYEE = "payee"
    VENUE = "venue"
    MARK = "mark"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a request: its lower-case text, its place, and the label or number that it stands for.

    ``value`` is a Decimal for a number (whole units) and for a share (its fraction), a label for a handle, and for what
    cannot be read the sentence that says why.
    """

    kind: Kind
    text: str
    start: int
    end: int
    label: str = ""
    number: Decimal = Decimal(0)


MENTIONS = frozenset({Kind.NUMBER, Kind.SHARE, Kind.ASSET, Kind.PAYEE, Kind.VENUE})
"""The kinds that a call must consume to the last one."""

_LEX = re.compile(
    r"""
      (?P<hex>0[xX][0-9a-fA-F]*[\w]*)
    | (?P<money>[$€£¥]\s?[0-9][0-9.,]*\w*)
    | (?P<fused>(?<![\w.,])[0-9][0-9.,]*[0-9]?[^\W\d_][\w-]*)
    | (?P<number>(?<![\w])[0-9](?:[0-9.,]*[0-9])?|(?<![\w.])[.][0-9]+)
    | (?P<word>[^\W\d_](?:[\w-]*[\w])?(?:[.][^\W_][\w-]*)*(?:['\u2019][^\W\d_]+)?)
    | (?P<mark>\S)
    """,
    re.VERBOSE,
)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:[.][0-9]+)?")
_PLAIN = re.compile(r"(?:(?:0|[1-9][0-9]*)(?:[.][0-9]+)?|[.][0-9]+)")
_CONTINENTAL = re.compile(r"[1-9][0-9]{0,2}[.][0-9]{2}0")
SIGNS = frozenset("-+~≈<>")
_MULTIPLES = {"thousand": Decimal(1000), "million": Decimal(1_000_000)}


def read_words(text: str, handles: Handles) -> tuple[list[Word], bool]:
    """The words of a request, and whether all its quotes and brackets are closed (else the rest is blank)."""
    clean, closed = blanked(text)
    raw = [word for match in _LEX.finditer(clean) for word in _raw(match, handles)]
    for index, character in enumerate(clean):
        if unicodedata.category(character) in {"Cf", "Cc", "Co", "Cn"} and character not in "\n\r\t":
            raw.append(_unreadable("?", index, index + 1, "it holds an invisible character"))
    raw.sort(key=lambda word: word.start)
    return _interpreted(_named(raw, handles)), closed


def number_of(text: str) -> Decimal | None:
    """The number that a text of digits writes in English, None where a reader could doubt it (1.500, 0,5, 1,00)."""
    if len(text) > MAX_NUMBER_LENGTH or _CONTINENTAL.fullmatch(text):
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    return Decimal(text.replace(",", "")) if _GROUPED.fullmatch(text) else None


def _unreadable(text: str, start: int, end: int, why: str) -> Word:
    return Word(Kind.UNREADABLE, text, start, end, label=why)


def _raw(match: re.Match[str], handles: Handles) -> Iterator[Word]:
    text, start, end = match.group().lower().replace("\u2019", "'"), match.start(), match.end()
    group = match.lastgroup
    if group == "hex":
        yield _unreadable(text, start, end, "it holds a raw address or hex number, and I only pay labels of the book")
    elif group == "money":
        yield _unreadable(text, start, end, f"{text} is money of a country, and I need an asset of the book")
    elif group == "number":
        yield _number(text, start, end)
    elif group == "fused":
        yield from _fused(text, start, end, handles)
    elif group == "word":
        base, apostrophe, _ = text.partition("'")
        if apostrophe and _is_label(base, handles):
            yield Word(Kind.WORD, base, start, start + len(base))
            yield Word(Kind.WORD, text[len(base) :], start + len(base), end)
        else:
            yield Word(Kind.WORD, text, start, end)
    else:
        yield Word(Kind.MARK, text, start, end)


def _number(text: str, start: int, end: int) -> Word:
    number = number_of(text)
    if number is None:
        return _unreadable(text, start, end, f"I cannot tell which number {text} is; write it like 1500 or 0.5")
    return Word(Kind.NUMBER, text, start, end, number=number)


def _fused(text: str, start: int, end: int, handles: Handles) -> Iterator[Word]:
    """``5usdc`` and ``5k``; a label that begins with a digit; else it cannot be read."""
    digits = re.match(r"[0-9][0-9.,]*", text)
    assert digits is not None
    split = start + digits.end()
    number, rest = number_of(digits.group()), text[digits.end() :]
    if _is_label(text, handles):
        yield Word(Kind.WORD, text, start, end)
    elif number is not None and rest == "k":
        yield Word(Kind.NUMBER, text, start, end, number=number * 1000)
    elif number is not None and _is_label(rest, handles):
        yield Word(Kind.NUMBER, digits.group(), start, split, number=number)
        yield Word(Kind.WORD, rest, split, end)
    else:
        yield _unreadable(text, start, end, f"I cannot read {text}; write the number and the asset apart")


def _phrases(handles: Handles) -> dict[tuple[str, ...], set[tuple[Kind, str]]]:
    """Every way to write a handle, as words; a phrase that means two things has two entries in its set."""
    table: dict[tuple[str, ...], set[tuple[Kind, str]]] = {}
    named = [(Kind.PAYEE, label, label) for label in handles.payees]
    named += [(Kind.ASSET, label, label) for label in handles.tokens]
    named += [(Kind.ASSET, alias, label) for alias, label in handles.aliases.items()]
    named += [(Kind.VENUE, word, label) for word, label in handles.venue_words().items()]
    for kind, written, label in named:
        whole = written.lower()
        for phrase in {(whole,), tuple(part for part in re.split(r"[\s_-]+", whole) if part)}:
            table.setdefault(phrase, set()).add((kind, label))
    return table


def _is_label(text: str, handles: Handles) -> bool:
    return (text,) in _phrases(handles)


def _named(raw: Sequence[Word], handles: Handles) -> list[Word]:
    """Handles recognised, the longest phrase first."""
    table = _phrases(handles)
    longest = max((len(phrase) for phrase in table), default=1)
    words: list[Word] = []
    index = 0
    while index < len(raw):
        for size in range(min(longest, len(raw) - index), 0, -1):
            run = raw[index : index + size]
            found = table.get(tuple(word.text for word in run)) if all(w.kind is Kind.WORD for w in run) else None
            if found:
                words.append(_handle(run, found))
                index += size
                break
        else:
            words.append(_stranger(raw[index]))
            index += 1
    return words


def _handle(run: Sequence[Word], found: set[tuple[Kind, str]]) -> Word:
    text, start, end = " ".join(word.text for word in run), run[0].start, run[-1].end
    if len(found) > 1:
        return _unreadable(text, start, end, f"the book names {text!r} more than once")
    kind, label = next(iter(found))
    return Word(kind, text, start, end, label=label)


def _stranger(word: Word) -> Word:
    if word.kind is not Kind.WORD:
        return word
    if "." in word.text:
        return _unreadable(word.text, word.start, word.end, f"{word.text} is no label of the book")
    if word.text in CURRENCIES:
        return _unreadable(word.text, word.start, word.end, f"{word.text!r} is no asset of the book")
    return word


def _interpreted(words: Sequence[Word]) -> list[Word]:
    """Percentages, multiples, ``half``, ``all`` and numbers in words, each seen with its neighbours."""
    out: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        following = words[index + 1] if index + 1 < len(words) else None
        taken = 1
        if word.kind is Kind.NUMBER and following is not None:
            word, taken = _measured(word, following, out[-1] if out else None)
        elif word.kind is Kind.WORD:
            word = _worded(word, following)
        elif word.text in SIGNS and following is not None and following.kind is Kind.NUMBER:
            why = f"I cannot take {word.text}{following.text} as a number"
            word = _unreadable(word.text, word.start, word.end, why)
        out.append(word)
        index += taken
    return out


def _measured(word: Word, following: Word, before: Word | None) -> tuple[Word, int]:
    if following.text in {"%", "percent"}:
        fraction = word.number / 100
        if not 0 < fraction <= 1:
            return _unreadable(word.text, word.start, following.end, f"{word.text}% is no share of anything"), 2
        text = f"{word.text}%"
        return Word(Kind.SHARE, text, word.start, following.end, number=fraction), 2
    if following.text in _MULTIPLES:
        text = f"{word.text} {following.text}"
        return Word(Kind.NUMBER, text, word.start, following.end, number=word.number * _MULTIPLES[following.text]), 2
    return word, 1


def _worded(word: Word, following: Word | None) -> Word:
    points = following is not None and (following.kind is Kind.ASSET or following.text in {"of", "our", "my", "the"})
    if word.text in HALF_WORDS and points:
        return Word(Kind.SHARE, word.text, word.start, word.end, number=Decimal("0.5"))
    if word.text in WHOLE_WORDS and points:
        return Word(Kind.SHARE, word.text, word.start, word.end, number=Decimal(1))
    if word.text in NUMBER_WORDS or (word.text == "one" and following is not None and following.kind is Kind.ASSET):
        return _unreadable(word.text, word.start, word.end, f"write {word.text!r} in digits")
    return word
