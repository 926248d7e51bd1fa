"""The one free string: an answer. Digits and hex never come from the model; facts are placeholders that code fills in.

``{f3}`` is the third fact. Every other digit is masked before it can be sampled, so that no answer states a number
that code did not read from the chain.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

from ...inference import Engine, Priority
from ...tools.fact import Fact
from .limits import Limits
from .prompts import answer_prefix
from .reading import ContextTurn

MOST_FACTS = 9
"""One digit names a fact, so that its mask needs no look ahead."""
_PLACEHOLDER = re.compile(r"\{f([1-9])\}")


def plain_answer(facts: Sequence[Fact]) -> str:
    """The facts alone, a line each: what is said without a model."""
    return "\n".join(f"{fact.name}: {fact.text}" for fact in facts) or "I found nothing to say about that."


class Mask:
    """Which pieces an answer may go on with. ``seen`` is told each piece that was taken."""

    def __init__(self, facts: int) -> None:
        self._facts = facts
        self._text = ""

    def seen(self, piece: str) -> None:
        """Remember a piece of the answer."""
        self._text += piece

    def allowed(self, piece: str) -> bool:
        """Whether the answer so far and this piece hold digits and braces in placeholders of facts alone."""
        if (self._text + piece).endswith("  "):
            # A model whose digits are masked may fall into writing blanks.
            return False
        rest = _PLACEHOLDER.sub(self._known, self._text + piece)
        opened = rest.rfind("{")
        if opened >= 0:
            tail = rest[opened:]
            if not re.fullmatch(rf"\{{(?:f(?:[1-{max(self._facts, 1)}])?)?", tail) or not self._facts:
                return False
            rest = rest[:opened]
        return not any(character.isnumeric() for character in rest) and not set(rest) & {"{", "}"}

    def _known(self, match: re.Match[str]) -> str:
        return "" if int(match.group(1)) <= self._facts else match.group()


def filled(text: str, facts: Sequence[Fact]) -> str:
    """The text with its placeholders replaced by the facts' own texts."""
    return _PLACEHOLDER.sub(lambda match: facts[int(match.group(1)) - 1].text, text)


async def write_answer(
    question: str,
    facts: Sequence[Fact],
    engine: Engine,
    context_turns: Sequence[ContextTurn] = (),
    *,
    limits: Limits | None = None,
    priority: Priority = Priority.CHAT,
) -> AsyncIterator[str]:
    """An answer in pieces, facts filled in; at most the first nine facts are used. Raises InferenceError."""
    limits = limits or Limits()
    facts = list(facts[:MOST_FACTS])
    session = await engine.open_session(answer_prefix(), priority=priority)
    try:
        for turn in context_turns[-limits.chat_turns :]:
            await session.append("user", turn.text)
            await session.append("assistant", turn.outcome + "\n")
        named = ", ".join(f"{{f{number}}} {fact.name}" for number, fact in enumerate(facts, 1)) or "none"
        await session.append("user", f"facts: {named}\n{question}")
        mask = Mask(len(facts))
        held = ""
        async for piece in session.stream(max_tokens=limits.answer_tokens, allowed=mask.allowed):
            mask.seen(piece)
            held += piece
            ready, opened, rest = held.rpartition("{")
            if opened and "}" not in rest:
                held = opened + rest
            else:
                ready, held = held, ""
            if ready:
                yield filled(ready, facts)
        # An answer cut off inside a placeholder ends before it.
    finally:
        await session.aclose()
