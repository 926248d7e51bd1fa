"""The trades to target weights: they reach them, sell no more than there is, and are few."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from treasurer.tools import Token
from treasurer.tools.pricing import usd_of
from treasurer.tools.rebalancing import DUST_PART, DUST_USD, Held, trades_to

TOKENS = (Token("usdc", "0x" + "c0" * 20, 6), Token("weth", "0x" + "ee" * 20, 18), Token("wbtc", "0x" + "bc" * 20, 8))
PRICES = (Decimal(1), Decimal(2500), Decimal("60000.12345678"))


def held(*units: str) -> list[Held]:
    return [
        Held(token, int(Decimal(amount).scaleb(token.decimals)), price)
        for token, amount, price in zip(TOKENS, units, PRICES, strict=True)
    ]


def weights(*parts: str) -> dict[Token, Decimal]:
    return {token: Decimal(part) for token, part in zip(TOKENS, parts, strict=True)}


def test_one_trade_brings_two_assets_to_sixty_forty() -> None:
    trades = trades_to(held("50000", "0", "0")[:2], weights("0.4", "0.6", "0"))
    assert [(str(amount), bought.label) for amount, bought in trades] == [("30000 usdc", "weth")]


def test_an_asset_too_heavy_feeds_both_that_are_too_light() -> None:
    trades = trades_to(held("100000", "0", "0"), weights("0.5", "0.3", "0.2"))
    assert [(str(amount), bought.label) for amount, bought in trades] == [
        ("30000 usdc", "weth"),
        ("20000 usdc", "wbtc"),
    ]


def test_dust_is_left_alone() -> None:
    assert trades_to(held("40050", "24", "0")[:2], weights("0.4", "0.6", "0")) == []
    assert trades_to(held("1.5", "0", "0")[:2], weights("0.5", "0.5", "0")) == []


def test_half_a_percent_is_no_dust() -> None:
    (trade,) = trades_to(held("40500", "23.8", "0")[:2], weights("0.4", "0.6", "0"))
    assert str(trade[0]) == "500 usdc"


@given(
    st.tuples(*(st.integers(0, 10**12) for _ in TOKENS)),
    st.tuples(st.integers(1, 98), st.integers(1, 98)).filter(lambda parts: sum(parts) < 100),
)
def test_any_portfolio_reaches_any_weights_but_for_dust(amounts: tuple[int, ...], parts: tuple[int, int]) -> None:
    have = [
        Held(token, amount * 10 ** max(0, token.decimals - 8), price)
        for token, amount, price in zip(TOKENS, amounts, PRICES, strict=True)
    ]
    target = dict(zip(TOKENS, (Decimal(part) / 100 for part in (*parts, 100 - sum(parts))), strict=True))
    worth = {one.token: one.usd for one in have}
    total = sum(worth.values(), Decimal(0))
    price = {one.token: one.price for one in have}
    left = {one.token: one.base_units for one in have}
    trades = trades_to(have, target)
    assert len(trades) < len(have)
    for sell, bought in trades:
        left[sell.token] -= sell.base_units
        moved = usd_of(sell.token, sell.base_units, price[sell.token])
        worth[sell.token] -= moved
        worth[bought] += moved
    assert all(amount >= 0 for amount in left.values())
    dust = max(total * DUST_PART, DUST_USD)
    for token, usd in worth.items():
        assert abs(usd - total * target[token]) < 2 * dust + Decimal("0.01")
