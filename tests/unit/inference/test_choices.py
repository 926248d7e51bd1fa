"""The walk over the choices' trie, against a scorer that needs no model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.inference.choices import check_choices, walk
from treasurer.inference.errors import EvaluationFailed, InvalidChoices

END = 99


class Scorer:
    """Logits that depend on the whole path, so that a wrong path gives wrong answers."""

    def __init__(self, logits: dict[tuple[int, ...], dict[int, float]] | None = None) -> None:
        self.logits = logits
        self.path: list[int] = []
        self.calls = 0

    def __call__(self, fresh: Sequence[int], candidates: Sequence[int]) -> list[float]:
        self.calls += 1
        self.path += fresh
        if self.logits is not None:
            return [self.logits[tuple(self.path)][token] for token in candidates]
        return [self.of(self.path, token) for token in candidates]

    @staticmethod
    def of(path: Sequence[int], token: int) -> float:
        return math.sin(sum((i + 2) * t for i, t in enumerate(path)) * 1.7 + token * 0.9) * 10


def test_the_likeliest_branch_wins_and_its_gap_is_the_margin() -> None:
    scorer = Scorer({(1,): {2: 3.0, 3: 1.0, 4: 2.5}})
    path = walk([(1, 2, END), (1, 3, END), (1, 4, END)], scorer)
    assert (path.index, path.margin, path.ranking) == (0, 0.5, (0, 2, 1))
    assert path.tail == (2, END)


def test_one_choice_is_forced_without_asking_the_model() -> None:
    scorer = Scorer({})
    path = walk([(1, 2, END)], scorer)
    assert (path.margin, path.ranking, path.tail, scorer.calls) == (None, (0,), (1, 2, END), 0)


def test_what_all_choices_share_is_evaluated_in_one_batch() -> None:
    scorer = Scorer({(1, 2, 3, 4): {5: 0.0, 6: 1.0}})
    walk([(1, 2, 3, 4, 5, 7, 8, END), (1, 2, 3, 4, 6, 7, 8, END)], scorer)
    assert (scorer.path, scorer.calls) == ([1, 2, 3, 4], 1)


def test_bob_and_bobbi_are_told_apart_by_the_line_break() -> None:
    bob, bi = 1, 2
    assert walk([(bob, END), (bob, bi, END)], Scorer({(bob,): {END: 2.0, bi: 1.0}})).index == 0
    assert walk([(bob, END), (bob, bi, END)], Scorer({(bob,): {END: 1.0, bi: 2.0}})).index == 1


def test_the_margin_is_that_of_the_closest_branch_on_the_way() -> None:
    scorer = Scorer({(): {1: 5.0, 9: 0.0}, (1,): {2: 1.25, 3: 1.0}})
    path = walk([(9, END), (1, 3, END), (1, 2, END)], scorer)
    assert (path.index, path.margin, path.ranking) == (2, 0.25, (2, 1, 0))


def test_a_clear_last_branch_does_not_widen_the_margin() -> None:
    scorer = Scorer({(): {1: 5.0, 9: 4.5}, (1,): {2: 8.0, 3: 1.0}})
    assert walk([(9, END), (1, 3, END), (1, 2, END)], scorer).margin == 0.5


def test_equal_logits_go_to_the_first_offered() -> None:
    assert walk([(2, END), (1, END)], Scorer({(): {1: 1.0, 2: 1.0}})).index == 0
    assert walk([(1, END), (2, END)], Scorer({(): {1: 1.0, 2: 1.0}})).index == 0


def test_a_logit_that_is_no_number_is_an_error() -> None:
    with pytest.raises(EvaluationFailed, match="not a number"):
        walk([(1, END), (2, END)], Scorer({(): {1: math.nan, 2: 1.0}}))


def test_tokens_of_which_one_list_begins_the_other_are_an_error() -> None:
    with pytest.raises(InvalidChoices, match="begins the other"):
        walk([(1,), (1, 2)], Scorer())


@pytest.mark.parametrize("choices", [[], [""], ["  "], ["a", "a"], ["a\nb"], ["a\r"]])
def test_choices_that_cannot_be_told_apart_are_refused(choices: list[str]) -> None:
    with pytest.raises(InvalidChoices):
        check_choices(choices)


words = st.lists(st.lists(st.integers(0, 4), max_size=5).map(tuple), min_size=1, max_size=8, unique=True)


@given(words)
def test_the_walk_is_the_greedy_path_and_leaves_nothing_out(words: list[tuple[int, ...]]) -> None:
    candidates = [(*word, END) for word in words]
    scorer = Scorer()
    path = walk(candidates, scorer)
    assert tuple(scorer.path) + path.tail == candidates[path.index]
    assert sorted(path.ranking) == list(range(len(candidates)))
    assert path.ranking[0] == path.index
    assert scorer.calls == len(path.branches)
    assert (path.margin is None) == (len(candidates) == 1)
    assert path.index == naive(candidates)


def naive(candidates: list[tuple[int, ...]]) -> int:
    """One token at a time, without jump-forward."""
    alive, done = list(range(len(candidates))), ()
    while len(alive) > 1:
        tokens = list(dict.fromkeys(candidates[i][len(done)] for i in alive))
        best = max(tokens, key=lambda token: Scorer.of(done, token)) if len(tokens) > 1 else tokens[0]
        alive = [i for i in alive if candidates[i][len(done)] == best]
        done = (*done, best)
    return alive[0]
