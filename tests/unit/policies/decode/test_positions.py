"""Liquidity: what leaves at most and for whom; what it is worth the calldata does not bound, so nothing is allowed."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treasurer.policies.decode.venues.uniswap_v2_liquidity import UNISWAP_V2_LIQUIDITY
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE, ZERO_ADDRESS

Effects = Callable[..., tuple[Effect, ...]]
MANAGER = "0x" + "9" * 40
R, S = b"\1" * 32, b"\2" * 32
MINT = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"
COLLECT = "collect((uint256,address,uint128,uint128))"


def leaving(effects: tuple[Effect, ...]) -> list[tuple[str | None, int | None, str | None]]:
    """Asset, amount and owner of what is put in, each a maximum."""
    found = [effect for effect in effects if effect.kind == Kind.SUPPLY]
    assert not any(effect.exact for effect in found)
    return [(effect.asset, effect.amount, effect.on_behalf_of) for effect in found]


def test_liquidity_of_a_pair_names_both_tokens_and_who_gets_the_shares(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    signature = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
    effects = effects_of(Call.encode(who.router_v2, signature, who.usdc, who.dai, 5, 6, 4, 5, who.stranger, 99))
    assert leaving(effects) == [(who.usdc, 5, who.stranger), (who.dai, 6, who.stranger)]
    assert [effect.kind for effect in effects] == [Kind.SUPPLY, Kind.SUPPLY, Kind.UNKNOWN]
    coin = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
    effects = effects_of(Call.encode(who.router_v2, coin, who.fake, 5, 4, 3, who.self, 99, value=7))
    assert leaving(effects) == [(who.fake, 5, who.self), (NATIVE, 7, who.self)]
    assert [effect.kind for effect in effects].count(Kind.UNKNOWN) == 2


@pytest.mark.parametrize(
    "function", UNISWAP_V2_LIQUIDITY[2:], ids=lambda function: function.signature.partition("(")[0]
)
def test_taking_liquidity_out_names_the_shares_and_the_recipient(
    effects_of: Effects, who: SimpleNamespace, function
) -> None:
    tokens = (who.usdc,) if "ETH" in function.signature else (who.usdc, who.dai)
    permit = (True, 27, R, S) if "WithPermit" in function.signature else ()
    call = Call.encode(who.router_v2, function.signature, *tokens, 5, 0, 0, who.stranger, 99, *permit)
    effects = effects_of(call)
    assert (effects[0].kind, effects[0].amount, effects[0].counterparty) == (Kind.UNKNOWN, 5, who.stranger)
    assert [effect.kind for effect in effects[1:]] == [Kind.UNLIMITED_APPROVAL] * bool(permit)


def manager(effects_of: Effects, signature: str, *arguments: object, value: int = 0) -> tuple[Effect, ...]:
    call = Call.encode(MANAGER, signature, *arguments, value=value)
    return effects_of(call, venues={MANAGER: "uniswap-v3-position-manager"})


def test_a_new_position_names_both_tokens_and_its_owner(effects_of: Effects, who: SimpleNamespace) -> None:
    terms = (who.usdc, who.dai, 500, -10, 10, 5, 6, 4, 5, who.stranger, 99)
    effects = manager(effects_of, MINT, terms)
    assert leaving(effects) == [(who.usdc, 5, who.stranger), (who.dai, 6, who.stranger)]
    assert effects[-1].kind == Kind.UNKNOWN
    assert effects[-1].beside == 0


def test_what_a_position_is_owed_may_come_to_us_alone(effects_of: Effects, who: SimpleNamespace) -> None:
    most = 2**128 - 1
    (ours,) = manager(effects_of, COLLECT, (7, who.self, most, most))
    (theirs,) = manager(effects_of, COLLECT, (7, who.stranger, most, most))
    (kept,) = manager(effects_of, COLLECT, (7, ZERO_ADDRESS, most, most))
    assert (ours.kind, ours.counterparty) == (Kind.CALL, who.self)
    assert (theirs.kind, theirs.counterparty) == (Kind.UNKNOWN, who.stranger)
    assert (kept.kind, kept.counterparty) == (Kind.UNKNOWN, MANAGER)


def test_a_multicall_of_the_manager_is_its_steps(effects_of: Effects, who: SimpleNamespace) -> None:
    steps = [
        Call.encode(MANAGER, COLLECT, (7, who.self, 1, 1)).data,
        Call.encode(MANAGER, "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))", (7, 1, 0, 0, 99)).data,
        Call.encode(
            MANAGER, "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))", (7, 1, 1, 0, 0, 9)
        ).data,
        Call.encode(MANAGER, "sweepToken(address,uint256,address)", who.usdc, 0, who.stranger).data,
        Call.encode(MANAGER, "unwrapWETH9(uint256,address)", 0, who.self).data,
        b"\1\2\3\4",
        Call.encode(MANAGER, "refundETH()").data + b"\0",
    ]
    effects = manager(effects_of, "multicall(bytes[])", steps, value=3)
    kinds = [Kind.CALL, *[Kind.UNKNOWN] * 3, Kind.CALL, *[Kind.UNKNOWN] * 2, Kind.TRANSFER, Kind.UNKNOWN]
    assert [effect.kind for effect in effects] == kinds
    assert (effects[-2].asset, effects[-2].amount, effects[-2].counterparty) == (NATIVE, 3, MANAGER)


def test_a_position_moves_and_is_handed_over_as_the_token_that_it_is(effects_of: Effects, who: SimpleNamespace) -> None:
    permit = "permit(address,uint256,uint256,uint8,bytes32,bytes32)"
    (effect,) = manager(effects_of, permit, who.stranger, 7, 99, 27, R, S)
    assert (effect.kind, effect.counterparty) == (Kind.OPERATOR_APPROVAL, who.stranger)
    moved = manager(effects_of, "transferFrom(address,address,uint256)", who.self, who.stranger, 7)
    assert (moved[0].kind, moved[0].counterparty, moved[0].token_ids) == (Kind.NFT_TRANSFER, who.stranger, (7,))


def test_a_fee_for_a_third_party_lowers_what_comes_and_is_unknown(effects_of: Effects, who: SimpleNamespace) -> None:
    swap = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
    steps = [
        Call.encode(who.router, swap, (who.usdc, who.dai, 500, who.this, 100, 1000, 0)).data,
        Call.encode(
            who.router,
            "sweepTokenWithFee(address,uint256,address,uint256,address)",
            who.dai,
            2000,
            who.self,
            100,
            who.stranger,
        ).data,
    ]
    effects = effects_of(Call.encode(who.router, "multicall(bytes[])", steps))
    assert [effect.kind for effect in effects] == [Kind.SWAP, Kind.TRANSFER, Kind.UNKNOWN]
    assert (effects[0].counterparty, effects[0].amount) == (who.self, 100)
    assert effects[0].bought_minimum == 1979, "2000 less one percent, less one for rounding"
    assert (effects[1].asset, effects[1].amount, effects[1].counterparty) == (who.dai, None, who.stranger)


def test_liquidity_through_the_swap_router_is_unknown_and_its_oracle_check_a_call(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    (call,) = effects_of(Call.encode(who.router, "checkOracleSlippage(bytes,uint24,uint32)", b"", 1, 1))
    (unknown,) = effects_of(Call.encode(who.router, "approveMax(address)", who.usdc))
    assert (call.kind, unknown.kind) == (Kind.CALL, Kind.UNKNOWN)
