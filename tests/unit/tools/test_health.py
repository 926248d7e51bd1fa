"""The defence of a position: repay first, then supply, and reach the target where the account can."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from treasurer.tools import Token
from treasurer.tools.aave_v3 import Position, Reserve
from treasurer.tools.health import Side, steps_to

USDC = Reserve(Token("usdc", "0x" + "c0" * 20, 6), "0x" + "01" * 20, "0x" + "02" * 20, Decimal("0.78"))
WETH = Reserve(Token("weth", "0x" + "ee" * 20, 18), "0x" + "03" * 20, "0x" + "04" * 20, Decimal("0.83"))


def position(collateral: Decimal, debt: Decimal) -> Position:
    threshold = Decimal("0.83")
    return Position(collateral, debt, Decimal(0), threshold, collateral * threshold / debt)


def usdc(held: int, owed: int) -> Side:
    return Side(USDC, held * 10**6, 0, owed * 10**6, Decimal(1))


def weth(held: str, supplied: int = 5) -> Side:
    return Side(WETH, int(Decimal(held).scaleb(18)), supplied * 10**18, 0, Decimal(2000))


def test_repaying_alone_where_the_balance_covers_it() -> None:
    now = position(Decimal(10_000), Decimal(6_000))
    steps, reached = steps_to(now, [usdc(50_000, 6_000), weth("3")], Decimal(2))
    assert [(step.repays, step.base_units - 1_850_000_000 in (0, 1)) for step in steps] == [(True, True)]
    assert 2 <= reached < Decimal("2.000001")


def test_collateral_is_added_where_repaying_falls_short() -> None:
    now = position(Decimal(10_000), Decimal(6_000))
    steps, reached = steps_to(now, [usdc(850, 6_000), weth("3")], Decimal(2))
    assert [(step.side.token.label, step.repays) for step in steps] == [("usdc", True), ("weth", False)]
    assert steps[0].base_units == 850 * 10**6
    assert 2 <= reached < Decimal("2.000001")


def test_what_there_is_is_used_where_nothing_suffices() -> None:
    now = position(Decimal(10_000), Decimal(8_000))
    steps, reached = steps_to(now, [usdc(100, 8_000), weth("0.1")], Decimal(2))
    assert [step.base_units for step in steps] == [100 * 10**6, 10**17]
    assert now.health_factor is not None
    assert now.health_factor < reached < 2


def test_with_nothing_there_is_no_step() -> None:
    steps, _ = steps_to(position(Decimal(10_000), Decimal(8_000)), [usdc(0, 8_000), weth("0")], Decimal(2))
    assert steps == []


def test_a_debt_that_is_repaid_whole_is_allowed_its_interest_and_no_more_than_the_balance() -> None:
    """The rest of the debt is in another asset."""
    now = position(Decimal(10_000), Decimal(8_000))
    step = steps_to(now, [usdc(500, 100)], Decimal(2))[0][0]
    assert step.most == 100_100_001
    step = steps_to(now, [usdc(100, 100)], Decimal(2))[0][0]
    assert step.most == 100_000_000


@given(
    st.integers(1_000, 10**6), st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 400), st.integers(11, 50)
)
def test_never_more_than_the_account_holds_and_never_worse(
    collateral: int, debt: int, held: int, more: int, tenths: int
) -> None:
    now = position(Decimal(collateral), Decimal(debt))
    target = Decimal(tenths) / 10
    assert now.health_factor is not None
    if now.health_factor >= target:
        return
    steps, reached = steps_to(now, [usdc(held, debt), weth(str(more))], target)
    for side in {step.side for step in steps}:
        assert sum(step.most for step in steps if step.side is side) <= side.held
    if steps:
        assert reached > now.health_factor
        enough = held >= debt or more * 2000 * Decimal("0.83") >= target * debt
        assert reached >= target or not enough
