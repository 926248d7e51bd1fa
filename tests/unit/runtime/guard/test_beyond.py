"""What is left of a proposal does no more than was shown: effects are held against those shown one to one."""

from __future__ import annotations

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.runtime.guard.clearing import beyond

USDC, ALICE, BOB = ("0x" + pair * 20 for pair in ("c0", "a1", "b0"))


def pays(amount: int, to: str = ALICE, call: int = 0) -> Effect:
    return Effect(kind=Kind.TRANSFER, call=call, target=USDC, asset=USDC, amount=amount, counterparty=to)


def test_the_same_or_less_is_within() -> None:
    assert beyond([pays(10)], [pays(10)], 0) is None
    assert beyond([pays(10)], [pays(9)], 0) is None
    assert beyond([pays(10), pays(5, BOB, 1)], [pays(5, BOB, 0)], 1) is None


@pytest.mark.parametrize(
    ("shown", "effects", "position"),
    [
        ([pays(10)], [pays(11)], 0),
        ([pays(10)], [pays(10, BOB)], 0),
        ([pays(10)], [pays(10), pays(10)], 0),
        ([pays(10), pays(10, BOB)], [pays(10), pays(10)], 0),
        ([pays(10), pays(5, call=1)], [pays(10, call=0)], 1),
    ],
    ids=["more", "to another", "one shown, two done", "another's share", "what an earlier call was shown for"],
)
def test_anything_else_is_beyond(shown: list[Effect], effects: list[Effect], position: int) -> None:
    assert beyond(shown, effects, position) == effects[-1]
