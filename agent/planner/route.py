"""Route: which of at most eight topics a clause has.

Where it casts doubt or asks, no topic that acts is even offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...inference import Session
from ...tools import Catalog
from .lexicon import ADVICE, COURTESY, OPENINGS, POLITE_QUESTIONS, SETTING_DOUBT
from .limits import Spent
from .prompts import routes
from .request import Kind, Word

TALKS = ("answer", "ask", "refuse")
QUESTIONS = frozenset({*ADVICE, "did", "have", "has", "tell", "show", "list", "explain", "describe", "check"})


@dataclass(frozen=True, slots=True)
class Routed:
    """The topic chosen, and by how much."""

    topic: str
    margin: float | None


def doubt(words: Sequence[Word]) -> str | None:
    """The first word that a call could not carry (not, tomorrow, about, it, says ..), None where there is none."""
    return next((word.text for word in words if word.kind is Kind.WORD and word.text in SETTING_DOUBT), None)


def asks(words: Sequence[Word]) -> bool:
    """Whether a clause asks rather than commands: by its mark, unless it is a polite command, or by its first word."""
    texts = [word.text for word in words]
    while texts and texts[0] in COURTESY | {","}:
        texts = texts[1:]
    opening = next((o for o in OPENINGS if tuple(texts[: len(o)]) == o), ())
    if "?" in texts and opening not in POLITE_QUESTIONS:
        return True
    return bool(texts[len(opening) :]) and texts[len(opening)] in QUESTIONS


def may_act(words: Sequence[Word]) -> bool:
    """Whether a clause can be a command at all."""
    return doubt(words) is None and not asks(words)


async def route(session: Session, text: str, words: Sequence[Word], catalog: Catalog, spent: Spent) -> Routed:
    """Ask the model, over `prompts.route_prefix`. Raises OutOfCalls, and what the session raises."""
    offered = routes(catalog) if may_act(words) else TALKS
    spent.call()
    await session.append("user", text)
    choice = await session.choose(offered)
    return Routed(offered[choice.index], choice.margin)
