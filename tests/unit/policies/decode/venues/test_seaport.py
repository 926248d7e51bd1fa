"""Seaport by call: orders are cancelled, never filled."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

Effects = Callable[..., tuple[Effect, ...]]
AT = "0x" + "c" * 40
ZERO = b"\0" * 32
PARTS = "(uint8,address,uint256,uint256,uint256)[],(uint8,address,uint256,uint256,uint256,address)[]"
ORDER = f"(address,address,{PARTS},uint8,uint256,uint256,bytes32,uint256,bytes32,uint256)"


def order(who: SimpleNamespace) -> tuple[object, ...]:
    offer, wanted = [(1, who.usdc, 0, 5, 5)], [(0, "0x" + "0" * 40, 0, 1, 1, who.self)]
    return (who.self, "0x" + "0" * 40, offer, wanted, 0, 0, 99, ZERO, 1, ZERO, 0)


def test_cancelling_is_a_call(effects_of: Effects, who: SimpleNamespace) -> None:
    calls = [Call.encode(AT, f"cancel({ORDER}[])", [order(who)]), Call.encode(AT, "incrementCounter()")]
    assert [effect.kind for effect in effects_of(*calls, venues={AT: "seaport"})] == [Kind.CALL, Kind.CALL]


def test_filling_an_order_is_unknown_and_its_value_leaves(effects_of: Effects, who: SimpleNamespace) -> None:
    fill = Call.encode(AT, f"fulfillOrder(({ORDER},bytes),bytes32)", (order(who), b""), ZERO, value=7)
    sent, unknown = effects_of(fill, venues={AT: "seaport"})
    assert (sent.kind, sent.asset, sent.amount, unknown.kind) == (Kind.TRANSFER, NATIVE, 7, Kind.UNKNOWN)


def test_validating_an_order_is_as_good_as_signing_it(effects_of: Effects, who: SimpleNamespace) -> None:
    call = Call.encode(AT, f"validate(({ORDER},bytes)[])", [(order(who), b"")])
    assert [effect.kind for effect in effects_of(call, venues={AT: "seaport"})] == [Kind.UNKNOWN]
