"""Uniswap v2's router: deadlines, and the chain's coin at either end."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

Effects = Callable[..., tuple[Effect, ...]]


def _traded(effect: Effect) -> tuple[object, ...]:
    return effect.kind, effect.asset, effect.amount, effect.exact, effect.bought, effect.bought_minimum, effect.deadline


def test_tokens_for_tokens(effects_of: Effects, who: SimpleNamespace) -> None:
    path = [who.usdc, who.dai, who.weth]
    exact_in = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
    exact_out = "swapTokensForExactTokens(uint256,uint256,address[],address,uint256)"
    (sold,) = effects_of(Call.encode(who.router_v2, exact_in, 1000, 7, path, who.self, 1900))
    (bought,) = effects_of(Call.encode(who.router_v2, exact_out, 7, 1000, path, who.self, 1900))
    assert _traded(sold) == (Kind.SWAP, who.usdc, 1000, True, who.weth, 7, 1900)
    assert _traded(bought) == (Kind.SWAP, who.usdc, 1000, False, who.weth, 7, 1900)


def test_the_chain_s_coin_at_either_end(effects_of: Effects, who: SimpleNamespace) -> None:
    to_coin, from_coin = [who.usdc, who.weth], [who.weth, who.usdc]

    def one(signature: str, *arguments: object, value: int = 0) -> tuple[object, ...]:
        (effect,) = effects_of(Call.encode(who.router_v2, signature, *arguments, value=value))
        return _traded(effect)

    exact = "swapExactETHForTokens(uint256,address[],address,uint256)"
    upto = "swapETHForExactTokens(uint256,address[],address,uint256)"
    out = "swapExactTokensForETH(uint256,uint256,address[],address,uint256)"
    out_exact = "swapTokensForExactETH(uint256,uint256,address[],address,uint256)"
    assert one(exact, 7, from_coin, who.self, 1900, value=50) == (Kind.SWAP, NATIVE, 50, True, who.usdc, 7, 1900)
    assert one(upto, 7, from_coin, who.self, 1900, value=50) == (Kind.SWAP, NATIVE, 50, False, who.usdc, 7, 1900)
    assert one(out, 1000, 7, to_coin, who.self, 1900) == (Kind.SWAP, who.usdc, 1000, True, NATIVE, 7, 1900)
    assert one(out_exact, 7, 1000, to_coin, who.self, 1900) == (Kind.SWAP, who.usdc, 1000, False, NATIVE, 7, 1900)


def test_recipients_are_literal_and_the_router_is_a_stranger(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
    path = [who.usdc, who.weth]
    (swap,) = effects_of(Call.encode(who.router_v2, signature, 1000, 7, path, who.sender, 1900))
    left = effects_of(Call.encode(who.router_v2, signature, 1000, 7, path, who.router_v2, 1900))
    assert swap.counterparty == who.sender
    assert [effect.kind for effect in left] == ["swap", "transfer", "unknown"]


def test_coin_needs_weth_at_its_end_and_a_path_two_tokens(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "swapExactTokensForETH(uint256,uint256,address[],address,uint256)"
    for path in ([who.usdc, who.dai], [who.weth], []):
        (effect,) = effects_of(Call.encode(who.router_v2, signature, 1000, 7, path, who.self, 1900))
        assert effect.kind == Kind.UNKNOWN


def test_value_beside_tokens_is_lost(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
    effects = effects_of(Call.encode(who.router_v2, signature, 1000, 7, [who.usdc, who.weth], who.self, 1900, value=3))
    assert [effect.kind for effect in effects] == ["transfer", "unknown", "swap"]
