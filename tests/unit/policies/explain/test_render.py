"""Effects in words for people."""

from __future__ import annotations

import pytest

from treasurer.policies.effect import Kind
from treasurer.policies.explain.render import render_amount, render_effect


def test_names_units_and_usd_come_from_book_and_prices(world) -> None:
    (effect,) = world.judge(world.policy("rules: []"), world.transfer("usdc", "alice", 1_250_000_000)).effects
    assert render_effect(effect, world.book, 1, world.facts()) == "send 1250 usdc (USD 1,250.00) to alice"
    assert render_effect(effect, world.book, 1) == "send 1250 usdc to alice"
    assert "USD" not in render_effect(effect, world.book, 1, world.facts(unpriced=("usdc",)))


def test_what_the_book_does_not_know_is_shown_whole(world) -> None:
    effect = world.effect(Kind.TRANSFER, asset=world.stranger, amount=7, counterparty="0x" + "ab" * 20)
    words = render_effect(effect, world.book, 1, world.facts())
    assert "7 base units of 0x5555555555555555555555555555555555555555" in words
    assert "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB" in words


def test_a_swap_says_both_sides(world) -> None:
    calls = (world.approve("usdc", "uniswap-v3", 2500 * 10**6), world.swap("usdc", 2500 * 10**6, "weth", 10**18))
    swap = world.judge(world.policy("rules: []"), *calls).effects[-1]
    words = render_effect(swap, world.book, 1, world.facts())
    assert "sell 2500 usdc (USD 2,500.00) for at least 1 weth (USD 2,500.00) on uniswap-v3" in words


def test_a_maximum_and_an_unknown_amount_say_so(world) -> None:
    usdc = world.at("usdc")
    assert render_amount(usdc, 5, world.book, 1, most=True) == "at most 0.000005 usdc"
    assert render_amount(usdc, None, world.book, 1) == "an unknown amount of usdc"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_words_of_its_own(world, kind: Kind) -> None:
    words = render_effect(world.effect(kind, unknown=("what it is",)), world.book, 1, world.facts())
    assert words.endswith("(what it is)")
    assert "{" not in words
