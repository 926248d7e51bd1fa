"""What is asked back, in words of code's: what is missing, or what a call could not carry."""

from __future__ import annotations

from collections.abc import Sequence

from ...tools import Tool
from ...tools.handles import Payee, Token, Venue
from ...tools.slots import Amount, HealthFactor, Share, TargetWeights
from .lexicon import NUMBER_WORDS
from .request import Kind, Word

NO_MODEL = "I only understand plain commands without a model, as in: send 10 usdc to alice. What should I do?"
UNCLOSED = "A quote or bracket in your request never closes. What should I do?"
EMPTY = "What should I do?"
TOO_LONG = "That is longer than I read at once. What should I do first?"
TOO_MANY = "That is more than five things. Which ones first?"
TOO_HARD = "I could not make sure what you mean within this run. Can you say it more plainly?"
UNTRUSTED = "This text comes from outside, and I take orders from people and the configuration alone."
AGAINST_RULES = "I do not give out secrets or switch rules off; an owner changes the policy: treasurer policy sign."
UNCLEAR = "I am not sure what you want me to do. Can you say it as a plain command?"

_NEEDS: dict[type, str] = {
    Payee: "whom to pay (a label of the book)",
    Token: "which asset",
    Venue: "where",
    Amount: "how much of which asset",
    Share: "which share",
    TargetWeights: "the target weights, summing to 100%",
    HealthFactor: "the health factor to reach, above 1",
}
_SATISFIED: dict[type, frozenset[Kind]] = {
    Payee: frozenset({Kind.PAYEE}),
    Token: frozenset({Kind.ASSET}),
    Venue: frozenset({Kind.VENUE}),
    Amount: frozenset({Kind.NUMBER, Kind.SHARE}),
    Share: frozenset({Kind.SHARE}),
    TargetWeights: frozenset({Kind.SHARE}),
    HealthFactor: frozenset({Kind.NUMBER}),
}


def unreadable(words: Sequence[Word], *, asking: bool) -> str | None:
    """The question about what cannot be read in a clause, None where all can; a question may hold numbers in words."""
    strange = [word for word in words if word.kind is Kind.UNREADABLE]
    found = [word.label for word in strange if not (asking and word.text in NUMBER_WORDS | {"one"})]
    return f"I cannot act on this: {found[0]}. What should I do?" if found else None


def ambiguous() -> str:
    """The question between readings that are all complete."""
    return "This can mean more than one thing. Which one do you mean?"


def doubtful(word: str) -> str:
    """The question about a word that no call can carry."""
    return f"I cannot act on {word!r}: say exactly what to do now. What should I do?"


def missing(tools: Sequence[Tool], words: Sequence[Word]) -> str:
    """The question for what the likeliest tool still needs, or that something is left over."""
    kinds = {word.kind for word in words}
    lacking: list[str] = []
    for tool in tools[:1]:
        lacking = [_NEEDS[p.slot] for p in tool.parameters if p.required and not kinds & _SATISFIED[p.slot]]
    if lacking:
        return f"Tell me {' and '.join(lacking)}."
    return "I cannot fit all that you mention into one action. Can you say it as a plain command?"
