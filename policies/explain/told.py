"""An Explanation as lines of text: a tree whose every word can be shown on any screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .explanation import Explanation, ToldCall, ToldEffect
from .values import visible

Style = Literal["plain", "call", "effect", "unusual", "faint", "verdict"]


@dataclass
class Branch:
    """One line, and the lines under it."""

    text: str
    style: Style = "plain"
    below: list[Branch] = field(default_factory=list)


def branches(told: Explanation) -> list[Branch]:
    """The explanation as a tree of lines."""
    top = [Branch(f"account {told.account} on chain {told.chain_id}")]
    top += [Branch(f"{item.name} {item.value}", "faint") for item in told.transaction]
    if told.signature is not None:
        where = f" for {told.signature.contract}" if told.signature.contract else ""
        signed = Branch(f"sign {told.signature.kind}{where}", "call")
        signed.below = [Branch(f"{item.name}: {item.value}", "faint") for item in told.signature.fields]
        top.append(signed)
    top += [_call(call) for call in told.calls]
    top += [_effect(effect) for effect in told.effects]
    top += [Branch(f"! {words}", "unusual") for words in told.unusual]
    if told.verdict is not None:
        verdict = Branch(f"verdict: {told.verdict}", "verdict")
        verdict.below = [Branch(visible(reason)) for reason in told.reasons]
        top.append(verdict)
    return top


def _call(call: ToldCall) -> Branch:
    value = f" with {call.value}" if call.value else ""
    arguments = ", ".join(f"{item.name} {item.value}" for item in call.arguments)
    branch = Branch(f"call {call.target}: {call.function}{value}", "call")
    if arguments:
        branch.below.append(Branch(arguments, "faint"))
    branch.below += [_effect(effect) for effect in call.effects]
    branch.below += [Branch(f"! {words}", "unusual") for words in call.unusual]
    branch.below += [_call(inner) for inner in call.calls]
    return branch


def _effect(effect: ToldEffect) -> Branch:
    marked = [Branch(f"! {words}", "unusual") for words in effect.unusual]
    return Branch(f"{effect.kind}: {effect.words}", "effect", marked)


def lines(top: Sequence[Branch], before: str = "") -> Iterator[tuple[str, Style]]:
    """Each line with its style, indented as a tree."""
    for branch in top:
        yield before + branch.text, branch.style
        yield from _inside(branch.below, before)


def _inside(below: Sequence[Branch], before: str) -> Iterator[tuple[str, Style]]:
    for position, branch in enumerate(below):
        last = position == len(below) - 1
        yield f"{before}{'└─ ' if last else '├─ '}{branch.text}", branch.style
        yield from _inside(branch.below, f"{before}{'   ' if last else '│  '}")
