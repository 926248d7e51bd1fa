"""SwapRouter02: what is sold and bought at the worst case, and where value inside the router ends up."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

Effects = Callable[..., tuple[Effect, ...]]
SINGLE_IN = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
SINGLE_OUT = "exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))"
PATH_IN = "exactInput((bytes,address,uint256,uint256))"
PATH_OUT = "exactOutput((bytes,address,uint256,uint256))"
MULTICALL = "multicall(uint256,bytes[])"


class Router:
    """Writes calldata for the router of the book."""

    def __init__(self, who: SimpleNamespace) -> None:
        self.who = who

    def call(self, signature: str, *arguments: Any, value: int = 0) -> Call:
        return Call.encode(self.who.router, signature, *arguments, value=value)

    def sell(self, sold: str, bought: str, to: str, amount: int, minimum: int, **more: int) -> Call:
        return self.call(
            SINGLE_IN, (sold, bought, 500, to, amount, minimum, more.get("limit", 0)), value=more.get("value", 0)
        )

    def buy(self, sold: str, bought: str, to: str, amount: int, maximum: int, **more: int) -> Call:
        return self.call(
            SINGLE_OUT, (sold, bought, 500, to, amount, maximum, more.get("limit", 0)), value=more.get("value", 0)
        )

    def together(self, *calls: Call, value: int = 0, deadline: int = 1900) -> Call:
        return self.call(MULTICALL, deadline, [call.data for call in calls], value=value)


@pytest.fixture(scope="module")
def router(who: SimpleNamespace) -> Router:
    return Router(who)


def _path(*tokens: str) -> bytes:
    return (500).to_bytes(3, "big").join(bytes.fromhex(token[2:]) for token in tokens)


def _kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def _traded(effect: Effect) -> tuple[object, ...]:
    return (
        effect.kind,
        effect.asset,
        effect.amount,
        effect.exact,
        effect.bought,
        effect.bought_minimum,
        effect.counterparty,
    )


def test_an_exact_input_sells_exactly_and_buys_at_least(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    expected = (Kind.SWAP, who.usdc, 1000, True, who.weth, 7, who.self)
    single = effects_of(router.sell(who.usdc, who.weth, who.self, 1000, 7))
    path = effects_of(router.call(PATH_IN, (_path(who.usdc, who.dai, who.weth), who.self, 1000, 7)))
    v2 = effects_of(
        router.call(
            "swapExactTokensForTokens(uint256,uint256,address[],address)", 1000, 7, [who.usdc, who.weth], who.self
        )
    )
    assert [_traded(effect) for effects in (single, path, v2) for effect in effects] == [expected] * 3


def test_an_exact_output_sells_at_most_and_buys_exactly(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    expected = (Kind.SWAP, who.usdc, 1000, False, who.weth, 7, who.self)
    single = effects_of(router.buy(who.usdc, who.weth, who.self, 7, 1000))
    backwards = effects_of(router.call(PATH_OUT, (_path(who.weth, who.dai, who.usdc), who.self, 7, 1000)))
    v2 = effects_of(
        router.call(
            "swapTokensForExactTokens(uint256,uint256,address[],address)", 7, 1000, [who.usdc, who.weth], who.self
        )
    )
    assert [_traded(effect) for effects in (single, backwards, v2) for effect in effects] == [expected] * 3


def test_a_price_limit_makes_an_input_a_maximum_and_an_output_no_guarantee(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    (sold,) = effects_of(router.sell(who.usdc, who.weth, who.self, 1000, 7, limit=1))
    (bought,) = effects_of(router.buy(who.usdc, who.weth, who.self, 7, 1000, limit=1))
    assert (sold.exact, sold.bought_minimum) == (False, 7)
    assert (bought.exact, bought.bought_minimum) == (False, 0)


@pytest.mark.parametrize(("name", "found"), [("sender", "self"), ("this", "router"), ("stranger", "stranger")])
def test_the_shorthands_of_swaps_are_resolved(
    effects_of: Effects, who: SimpleNamespace, router: Router, name: str, found: str
) -> None:
    swap = effects_of(router.sell(who.usdc, who.weth, getattr(who, name), 1000, 7))[0]
    assert swap.counterparty == getattr(who, found)


def test_what_stays_in_the_router_is_a_transfer_to_a_stranger(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    effects = effects_of(router.sell(who.usdc, who.weth, who.this, 1000, 7))
    assert _kinds(effects) == ["swap", "transfer", "unknown"]
    assert (effects[1].asset, effects[1].counterparty) == (who.weth, who.router)


def test_swapped_into_the_router_and_unwrapped_to_self_buys_native_coin(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    into = router.sell(who.usdc, who.weth, who.this, 1000, 7)
    for unwrap in (router.call("unwrapWETH9(uint256,address)", 9, who.self), router.call("unwrapWETH9(uint256)", 9)):
        (swap,) = effects_of(router.together(into, unwrap))
        assert _traded(swap) == (Kind.SWAP, who.usdc, 1000, True, NATIVE, 9, who.self)
        assert swap.deadline == 1900


@pytest.mark.parametrize("name", ["stranger", "sender", "this"])
def test_unwrap_and_sweep_take_their_recipients_literally(
    effects_of: Effects, who: SimpleNamespace, router: Router, name: str
) -> None:
    into = router.sell(who.usdc, who.weth, who.this, 1000, 7)
    to = getattr(who, name)
    (unwrapped,) = effects_of(router.together(into, router.call("unwrapWETH9(uint256,address)", 7, to)))
    (swept,) = effects_of(router.together(into, router.call("sweepToken(address,uint256,address)", who.weth, 7, to)))
    assert unwrapped.counterparty == swept.counterparty == to
    assert (unwrapped.bought, swept.bought) == (NATIVE, who.weth)


def test_an_input_of_zero_is_what_an_earlier_swap_left_there(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    first = router.sell(who.usdc, who.weth, who.this, 1000, 7)
    (swap,) = effects_of(router.together(first, router.sell(who.weth, who.dai, who.sender, 0, 3)))
    assert _traded(swap) == (Kind.SWAP, who.usdc, 1000, True, who.dai, 3, who.self)
    assert _kinds(effects_of(router.sell(who.usdc, who.weth, who.self, 0, 7))) == ["unknown"]


def test_a_split_route_joins_before_it_is_swapped_on(effects_of: Effects, who: SimpleNamespace, router: Router) -> None:
    half = router.sell(who.usdc, who.weth, who.this, 500, 3)
    (swap,) = effects_of(router.together(half, half, router.sell(who.weth, who.dai, who.self, 0, 6)))
    assert _traded(swap) == (Kind.SWAP, who.usdc, 1000, True, who.dai, 6, who.self)


def test_a_sweep_of_what_is_not_ours_to_a_stranger_is_a_transfer(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    swap = router.sell(who.usdc, who.weth, who.self, 1000, 7)
    sweep = router.call("sweepToken(address,uint256,address)", who.usdc, 0, who.stranger)
    effects = effects_of(router.together(swap, sweep))
    assert _kinds(effects) == ["swap", "transfer", "unknown"]
    assert (effects[1].amount, effects[1].counterparty) == (None, who.stranger)


def test_value_pays_for_weth_and_what_is_not_sold_is_left_behind(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    (sold,) = effects_of(router.sell(who.weth, who.usdc, who.self, 40, 7, value=40))
    assert _traded(sold) == (Kind.SWAP, NATIVE, 40, True, who.usdc, 7, who.self)
    swap, left, unknown = effects_of(router.sell(who.weth, who.usdc, who.self, 40, 7, value=50))
    assert (swap.amount, left.kind, left.asset, left.amount, unknown.kind) == (
        40,
        Kind.TRANSFER,
        NATIVE,
        10,
        Kind.UNKNOWN,
    )


def test_a_refund_brings_back_what_a_maximum_did_not_need(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    buy = router.buy(who.weth, who.usdc, who.self, 7, 40)
    refund = router.call("refundETH()")
    (swap,) = effects_of(router.together(buy, refund, value=40))
    assert _traded(swap) == (Kind.SWAP, NATIVE, 40, False, who.usdc, 7, who.self)
    assert _kinds(effects_of(router.together(buy, value=40))) == ["swap", "transfer", "unknown"]


def test_too_little_value_leaves_open_what_pays(effects_of: Effects, who: SimpleNamespace, router: Router) -> None:
    effects = effects_of(router.sell(who.weth, who.usdc, who.self, 40, 7, value=39))
    assert _kinds(effects) == ["unknown", "transfer", "unknown"]


def test_what_ether_is_left_for_a_second_maximum_is_unknown(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    buy = router.buy(who.weth, who.usdc, who.self, 7, 40)
    assert _kinds(effects_of(router.together(buy, buy, router.call("refundETH()"), value=80))) == ["swap", "unknown"]


def test_the_router_s_balance_of_unlike_sales_or_beside_ether_is_unknown(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    onward = router.sell(who.weth, who.usdc, who.self, 0, 7)
    unlike = (router.sell(who.usdc, who.weth, who.this, 5, 1), router.sell(who.dai, who.weth, who.this, 5, 1))
    assert "unknown" in _kinds(effects_of(router.together(*unlike, onward)))
    refund = router.call("refundETH()")
    effects = effects_of(router.together(unlike[0], onward, refund, value=9))
    assert _kinds(effects)[0] == "unknown"


def test_value_beside_a_sale_of_another_token_stays_behind(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    assert _kinds(effects_of(router.sell(who.usdc, who.weth, who.self, 40, 7, value=1))) == [
        "swap",
        "transfer",
        "unknown",
    ]


def test_the_router_wraps_and_unwraps_for_us(effects_of: Effects, who: SimpleNamespace, router: Router) -> None:
    sweep = router.call("sweepToken(address,uint256)", who.weth, 0)
    (wrap,) = effects_of(router.together(router.call("wrapETH(uint256)", 5), sweep, value=5))
    (unwrap,) = effects_of(
        router.together(router.call("pull(address,uint256)", who.weth, 5), router.call("unwrapWETH9(uint256)", 0))
    )
    assert (wrap.kind, wrap.asset, wrap.amount, wrap.bought) == (Kind.WRAP, NATIVE, 5, who.weth)
    assert (unwrap.kind, unwrap.asset, unwrap.amount, unwrap.bought) == (Kind.UNWRAP, who.weth, 5, NATIVE)


def test_what_is_pulled_and_swept_to_another_is_a_transfer(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    pull = router.call("pull(address,uint256)", who.usdc, 5)
    sweep = router.call("sweepToken(address,uint256,address)", who.usdc, 0, who.alice)
    (transfer,) = effects_of(router.together(pull, sweep))
    assert (transfer.kind, transfer.asset, transfer.amount, transfer.counterparty) == (
        Kind.TRANSFER,
        who.usdc,
        5,
        who.alice,
    )
    assert _kinds(effects_of(pull)) == ["transfer", "unknown"]


def test_every_token_of_a_path_is_in_the_registry(effects_of: Effects, who: SimpleNamespace, router: Router) -> None:
    for path in ((who.usdc, who.fake), (who.fake, who.usdc), (who.usdc, who.fake, who.weth)):
        effects = effects_of(router.call(PATH_IN, (_path(*path), who.self, 1000, 7)))
        assert "unknown" in _kinds(effects)
        assert any(who.fake in effect.unknown[0] for effect in effects if effect.unknown)


@pytest.mark.parametrize("length", [0, 20, 42, 44, 65])
def test_a_path_of_broken_length_is_unknown(
    effects_of: Effects, who: SimpleNamespace, router: Router, length: int
) -> None:
    assert _kinds(effects_of(router.call(PATH_IN, (b"\1" * length, who.self, 1000, 7)))) == ["unknown"]


def test_a_swept_token_outside_the_book_would_run_its_code_in_between(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    sweep = router.call("sweepToken(address,uint256)", who.fake, 0)
    assert "unknown" in _kinds(effects_of(router.together(router.sell(who.usdc, who.weth, who.self, 5, 1), sweep)))


def test_multicalls_nest_and_their_unknown_parts_are_unknown(
    effects_of: Effects, who: SimpleNamespace, router: Router
) -> None:
    swap = router.sell(who.usdc, who.weth, who.self, 1000, 7)
    plain = router.call("multicall(bytes[])", [swap.data])
    pinned = router.call("multicall(bytes32,bytes[])", b"h" * 32, [swap.data])
    (nested,) = effects_of(router.together(router.together(swap, deadline=1800)))
    assert _kinds(effects_of(plain)) == _kinds(effects_of(pinned)) == ["swap"]
    (later,) = effects_of(router.together(router.together(swap, deadline=2000)))
    assert (nested.deadline, later.deadline) == (1800, 1900)
    assert _kinds(effects_of(router.call("multicall(bytes[])", [swap.data, b"\x12\x34\x56\x78"]))) == [
        "swap",
        "unknown",
    ]
    assert _kinds(effects_of(router.call("multicall(bytes[])", [swap.data + b"\0"]))) == ["unknown"]
    deep = swap
    for _ in range(9):
        deep = router.together(deep)
    assert _kinds(effects_of(deep)) == ["unknown"]


def test_a_router_call_that_moves_nothing_is_a_call(effects_of: Effects, router: Router) -> None:
    assert _kinds(effects_of(router.call("refundETH()"))) == ["call"]
    assert _kinds(effects_of(router.call("multicall(bytes[])", []))) == ["call"]


def test_a_permit_inside_a_multicall_is_a_permit(effects_of: Effects, who: SimpleNamespace, router: Router) -> None:
    signature = (27, b"r" * 32, b"s" * 32)
    exact = router.call("selfPermit(address,uint256,uint256,uint8,bytes32,bytes32)", who.usdc, 1000, 1900, *signature)
    endless = router.call(
        "selfPermitAllowed(address,uint256,uint256,uint8,bytes32,bytes32)", who.dai, 0, 1900, *signature
    )
    (permit,) = effects_of(router.together(exact))
    assert (permit.kind, permit.asset, permit.amount, permit.counterparty) == (Kind.PERMIT, who.usdc, 1000, who.router)
    assert _kinds(effects_of(router.together(endless))) == ["permit", "unlimited_approval"]
