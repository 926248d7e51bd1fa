"""Choosing among texts token by token: one decision where the texts part, none where they agree.

Each text is tokenized whole, so that its tokens are the ones the model was trained on; the token lists form a trie.
What all still possible texts share is evaluated in one batch (jump-forward); where they part, the likeliest next token
wins. Greedy over the trie chose better than summed or length-normalised probabilities did (0.84 of routing requests
right, against 0.71 and 0.75, with a 1.5B model).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import EvaluationFailed, InvalidChoices

Score = Callable[[Sequence[int], Sequence[int]], Sequence[float]]
"""`score(fresh, candidates)`: evaluate the tokens `fresh`, give the logits of the token ids `candidates` after them."""


@dataclass(frozen=True)
class Branch:
    """One decision: the token ids to choose from, their logits, and the id that won."""

    candidates: tuple[int, ...]
    logits: tuple[float, ...]
    chosen: int


@dataclass(frozen=True)
class Walk:
    """Where the greedy path ended: `tail` holds the tokens of the chosen text that nobody needed to evaluate."""

    index: int
    margin: float | None
    ranking: tuple[int, ...]
    tail: tuple[int, ...]
    branches: tuple[Branch, ...]


def check_choices(choices: Sequence[str]) -> None:
    """Raise InvalidChoices unless the texts are distinct, not empty, and of one line each."""
    if not choices:
        raise InvalidChoices("there is nothing to choose from: offer at least one text")
    for choice in choices:
        if not choice.strip():
            raise InvalidChoices(f"{choice!r} is empty: offer texts that a reader can tell apart")
        if "\n" in choice or "\r" in choice:
            raise InvalidChoices(f"{choice!r} has a line break: a choice ends where its line ends")
    if len(set(choices)) != len(choices):
        raise InvalidChoices(f"choices are repeated: offer each text once, not {list(choices)}")


def walk(candidates: Sequence[Sequence[int]], score: Score) -> Walk:
    """Follow the likeliest branch from the root of the candidates' trie to one leaf.

    `candidates` are token lists; `score` is called once a branch, with the tokens that follow those of the call before.
    Equal logits go to the text that was offered first. Raises InvalidChoices when one list begins another.
    """
    alive = list(range(len(candidates)))
    lost: dict[int, float] = {}
    margin: float | None = None
    branches: list[Branch] = []
    evaluated = 0
    while len(alive) > 1:
        shared = _shared_length([candidates[i] for i in alive], evaluated)
        if any(len(candidates[i]) == shared for i in alive):
            raise InvalidChoices("two choices have tokens of which one begins the other: end each with a newline")
        tokens = tuple(dict.fromkeys(candidates[i][shared] for i in alive))
        logits = tuple(score(candidates[alive[0]][evaluated:shared], tokens))
        if any(math.isnan(logit) for logit in logits):
            raise EvaluationFailed("the model gave a logit that is not a number: `treasurer model verify` its file")
        of_token = dict(zip(tokens, logits, strict=True))
        best = max(tokens, key=of_token.__getitem__)
        branches.append(Branch(tokens, logits, best))
        gaps = {token: of_token[best] - of_token[token] for token in tokens if token != best}
        closest = min(gaps.values())
        margin = closest if margin is None else min(margin, closest)
        for i in alive:
            if candidates[i][shared] != best:
                lost[i] = gaps[candidates[i][shared]]
        alive = [i for i in alive if candidates[i][shared] == best]
        evaluated = shared
    chosen = alive[0]
    ranking = (chosen, *sorted(lost, key=lambda i: (lost[i], i)))
    return Walk(chosen, margin, ranking, tuple(candidates[chosen][evaluated:]), tuple(branches))


def _shared_length(lists: Sequence[Sequence[int]], start: int) -> int:
    first, shortest = lists[0], min(len(tokens) for tokens in lists)
    length = start
    while length < shortest and all(tokens[length] == first[length] for tokens in lists):
        length += 1
    return length
