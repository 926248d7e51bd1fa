"""Clauses: a request's words split where one command ends and the next begins; clauses that say nothing left out."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from .lexicon import COURTESY, SETTING_DOUBT
from .request import MENTIONS, Kind, Word

ENDS = frozenset({".", ";", "!", "?", "…"})
JOINS = frozenset({"then", "afterwards", "next", "finally", "also"})
EDGES = frozenset({",", "and", ":", "-", "\u2013"})


@dataclass(slots=True)
class Clause:
    """Words of one clause; ``ended``: a sentence or line ended it, so that it does not hang on what follows."""

    words: list[Word] = field(default_factory=list)
    ended: bool = False


def split(words: Sequence[Word], text: str, verbs: Set[str]) -> list[list[Word]]:
    """Clauses that command or ask, each as its words; greetings and sentences that say nothing are left out.

    Split at sentence ends, line ends and ``then``, and at ``and`` or a comma before a verb of a command. A question
    mark stays with its clause; words that say nothing by themselves stay with what follows (``if all goes well, pay
    bob``). ``verbs`` are the first words of the sentences that tools take.
    """
    clauses = [Clause()]
    for index, word in enumerate(words):
        before = words[index - 1] if index else None
        if before is not None and "\n" in text[before.end : word.start]:
            clauses[-1].ended = True
            clauses.append(Clause())
        if word.kind is Kind.MARK and word.text in ENDS:
            if word.text == "?":
                clauses[-1].words.append(word)
            clauses[-1].ended = True
            clauses.append(Clause())
        elif _joins(words, index, verbs) and not _hanging(clauses[-1].words, verbs):
            clauses.append(Clause())
        else:
            clauses[-1].words.append(word)
    return [clause.words for clause in _telling(clauses, verbs)]


def _telling(clauses: Sequence[Clause], verbs: Set[str]) -> Sequence[Clause]:
    for clause in clauses:
        clause.words = _trimmed(clause.words)
    kept = [clause for clause in clauses if not all(w.text in COURTESY or w.kind is Kind.MARK for w in clause.words)]
    first = next((at for at, clause in enumerate(kept) if not (clause.ended and _preamble(clause.words, verbs))), None)
    return kept if first is None else kept[first:]


def _joins(words: Sequence[Word], index: int, verbs: Set[str]) -> bool:
    """Whether this word only joins: ``then``, or ``and`` or a comma before a command."""
    word = words[index]
    rest = [later.text for later in words[index + 1 : index + 3]]
    if word.kind is Kind.WORD and word.text in JOINS:
        return index == 0 or (bool(rest) and (rest[0] in verbs or word.text == "then"))
    if word.text not in {"and", ","} or not rest:
        return False
    if rest[0] == "and" and len(rest) > 1:
        rest = rest[1:]
    return rest[0] in verbs or rest[0] in JOINS


def _trimmed(clause: list[Word]) -> list[Word]:
    start, end = 0, len(clause)
    while start < end and clause[start].text in EDGES:
        start += 1
    while end > start and clause[end - 1].text in EDGES:
        end -= 1
    return clause[start:end]


def _hanging(clause: Sequence[Word], verbs: Set[str]) -> bool:
    """Words with neither a mention nor a verb of a command, which only mean something with what follows."""
    return bool(clause) and not any(word.kind in MENTIONS or word.text in verbs for word in clause)


def _preamble(clause: Sequence[Word], verbs: Set[str]) -> bool:
    """Nothing in it that a call could take, no verb of a command, no doubt cast, no question."""
    texts = {word.text for word in clause}
    mentions = any(word.kind in MENTIONS or word.kind is Kind.UNREADABLE for word in clause)
    return not (mentions or texts & verbs or texts & SETTING_DOUBT or "?" in texts)
