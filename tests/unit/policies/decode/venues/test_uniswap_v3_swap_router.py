"""The first v3 router: deadlines in its structs, recipient zero is the router itself, no shorthand for the sender."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE, ZERO_ADDRESS

Effects = Callable[..., tuple[Effect, ...]]
OLD = "0xe592427a0aece92de3edee1f18e0157c05861564"
SINGLE = "((address,address,uint24,address,uint256,uint256,uint256,uint160))"


@pytest.fixture
def found(effects_of: Effects) -> Effects:
    def run(signature: str, *arguments: Any, value: int = 0) -> tuple[Effect, ...]:
        return effects_of(Call.encode(OLD, signature, *arguments, value=value), venues={OLD: "uniswap-v3-swap-router"})

    return run


def test_its_swaps_carry_their_own_deadline(found: Effects, who: SimpleNamespace) -> None:
    (sold,) = found(f"exactInputSingle{SINGLE}", (who.usdc, who.weth, 500, who.self, 1900, 1000, 7, 0))
    assert (sold.kind, sold.amount, sold.exact, sold.bought_minimum, sold.deadline) == (Kind.SWAP, 1000, True, 7, 1900)
    (bought,) = found(f"exactOutputSingle{SINGLE}", (who.usdc, who.weth, 500, who.self, 1900, 7, 1000, 0))
    assert (bought.amount, bought.exact, bought.bought_minimum) == (1000, False, 7)
    path = bytes.fromhex(who.usdc[2:]) + b"\x00\x01\xf4" + bytes.fromhex(who.weth[2:])
    (along,) = found("exactInput((bytes,address,uint256,uint256,uint256))", (path, who.stranger, 1900, 1000, 7))
    assert (along.asset, along.bought, along.counterparty) == (who.usdc, who.weth, who.stranger)
    (back,) = found("exactOutput((bytes,address,uint256,uint256,uint256))", (path, who.self, 1900, 7, 1000))
    assert (back.asset, back.bought, back.amount) == (who.weth, who.usdc, 1000)


def test_a_price_limit_makes_an_exact_input_a_maximum(found: Effects, who: SimpleNamespace) -> None:
    (effect,) = found(f"exactInputSingle{SINGLE}", (who.usdc, who.weth, 500, who.self, 1900, 1000, 7, 5))
    assert not effect.exact


def test_a_recipient_of_zero_leaves_it_to_anybody(found: Effects, who: SimpleNamespace) -> None:
    effects = found(f"exactInputSingle{SINGLE}", (who.usdc, who.weth, 500, ZERO_ADDRESS, 1900, 1000, 7, 0))
    assert [effect.kind for effect in effects] == [Kind.SWAP, Kind.TRANSFER, Kind.UNKNOWN]


def test_what_its_successor_writes_for_the_sender_is_a_stranger_here(found: Effects, who: SimpleNamespace) -> None:
    (effect,) = found(f"exactInputSingle{SINGLE}", (who.usdc, who.weth, 500, who.sender, 1900, 1000, 7, 0))
    assert effect.counterparty == who.sender


def test_a_multicall_unwraps_to_ourselves_and_knows_no_function_of_its_successor(
    found: Effects, who: SimpleNamespace
) -> None:
    swap = Call.encode(OLD, f"exactInputSingle{SINGLE}", (who.usdc, who.weth, 500, ZERO_ADDRESS, 1900, 1000, 7, 0)).data
    unwrap = Call.encode(OLD, "unwrapWETH9(uint256,address)", 7, who.self).data
    (effect,) = found("multicall(bytes[])", [swap, unwrap])
    assert (effect.kind, effect.bought, effect.counterparty) == (Kind.SWAP, NATIVE, who.self)
    later = Call.encode(OLD, "wrapETH(uint256)", 7).data
    assert [effect.kind for effect in found("multicall(bytes[])", [later])] == [Kind.UNKNOWN]
    fee = Call.encode(OLD, "unwrapWETH9WithFee(uint256,address,uint256,address)", 7, who.self, 9, who.stranger).data
    assert [effect.kind for effect in found("multicall(bytes[])", [fee])] == [Kind.UNKNOWN]
