"""ENS: who holds a name and where it points is handed over; renewing it costs at most what is sent."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

Effects = Callable[..., tuple[Effect, ...]]
AT = "0x" + "e" * 40
NODE = b"\5" * 32


def ens(effects_of: Effects, kind: str, signature: str, *arguments: object, value: int = 0) -> tuple[Effect, ...]:
    return effects_of(Call.encode(AT, signature, *arguments, value=value), venues={AT: f"ens-{kind}"})


@pytest.mark.parametrize(
    ("kind", "signature", "arguments"),
    [
        ("registry", "setOwner(bytes32,address)", (NODE, "to")),
        ("registry", "setResolver(bytes32,address)", (NODE, "to")),
        ("registry", "setSubnodeOwner(bytes32,bytes32,address)", (NODE, NODE, "to")),
        ("registry", "setRecord(bytes32,address,address,uint64)", (NODE, "to", AT, 0)),
        ("registry", "setSubnodeRecord(bytes32,bytes32,address,address,uint64)", (NODE, NODE, "to", AT, 0)),
        ("resolver", "setAddr(bytes32,address)", (NODE, "to")),
        ("registrar", "reclaim(uint256,address)", (7, "to")),
        ("reverse-registrar", "claim(address)", ("to",)),
        ("reverse-registrar", "setNameForAddr(address,address,address,string)", (AT, "to", AT, "a.eth")),
        ("name-wrapper", "wrapETH2LD(string,address,uint16,address)", ("a", "to", 0, AT)),
        ("name-wrapper", "setSubnodeOwner(bytes32,string,address,uint32,uint64)", (NODE, "a", "to", 0, 0)),
        ("name-wrapper", "unwrapETH2LD(bytes32,address,address)", (NODE, "to", AT)),
    ],
)
def test_a_name_that_gets_a_holder_or_an_address_is_handed_over(
    effects_of: Effects, who: SimpleNamespace, kind: str, signature: str, arguments: tuple[Any, ...]
) -> None:
    given = [who.stranger if one == "to" else one for one in arguments]
    (effect,) = ens(effects_of, kind, signature, *given)
    assert (effect.kind, effect.counterparty) == (Kind.OWNERSHIP_CHANGE, who.stranger)


@pytest.mark.parametrize(
    ("kind", "signature", "arguments"),
    [
        ("resolver", "setText(bytes32,string,string)", (NODE, "url", "https://example.org")),
        ("resolver", "setContenthash(bytes32,bytes)", (NODE, b"\1")),
        ("reverse-registrar", "setName(string)", ("a.eth",)),
        ("registry", "setTTL(bytes32,uint64)", (NODE, 1)),
        ("controller", "commit(bytes32)", (NODE,)),
    ],
)
def test_records_that_no_payment_follows_are_calls(
    effects_of: Effects, kind: str, signature: str, arguments: tuple[Any, ...]
) -> None:
    (effect,) = ens(effects_of, kind, signature, *arguments)
    assert effect.kind == Kind.CALL


def test_an_address_on_another_chain_is_one_too(effects_of: Effects) -> None:
    (effect,) = ens(effects_of, "resolver", "setAddr(bytes32,uint256,bytes)", NODE, 60, b"\1" * 20)
    assert (effect.kind, effect.counterparty) == (Kind.OWNERSHIP_CHANGE, None)


def test_a_delegate_of_a_name_is_an_operator(effects_of: Effects, who: SimpleNamespace) -> None:
    (given,) = ens(effects_of, "resolver", "approve(bytes32,address,bool)", NODE, who.stranger, True)
    (taken,) = ens(effects_of, "resolver", "approve(bytes32,address,bool)", NODE, who.stranger, False)
    assert (given.kind, given.counterparty, taken.kind) == (Kind.OPERATOR_APPROVAL, who.stranger, Kind.CALL)


def test_a_resolvers_multicall_is_the_calls_that_it_makes(effects_of: Effects, who: SimpleNamespace) -> None:
    steps = [
        Call.encode(AT, "setText(bytes32,string,string)", NODE, "a", "b").data,
        Call.encode(AT, "setAddr(bytes32,address)", NODE, who.stranger).data,
    ]
    effects = ens(effects_of, "resolver", "multicall(bytes[])", steps)
    assert [(effect.kind, effect.path) for effect in effects] == [(Kind.CALL, (0,)), (Kind.OWNERSHIP_CHANGE, (1,))]


def test_names_cost_at_most_what_is_sent(effects_of: Effects, who: SimpleNamespace) -> None:
    (renewed,) = ens(effects_of, "controller", "renew(string,uint256)", "treasury", 365, value=9)
    assert (renewed.kind, renewed.asset, renewed.amount, renewed.exact) == (Kind.TRANSFER, NATIVE, 9, False)
    assert (renewed.counterparty, renewed.note) == (AT, "renews treasury")
    signature = "register(string,address,uint256,bytes32,address,bytes[],bool,uint16)"
    ours = ens(effects_of, "controller", signature, "a", who.self, 365, NODE, AT, [], False, 0, value=9)
    theirs = ens(effects_of, "controller", signature, "a", who.stranger, 365, NODE, AT, [], False, 0, value=9)
    assert [effect.kind for effect in ours] == [Kind.TRANSFER]
    assert [effect.kind for effect in theirs] == [Kind.TRANSFER, Kind.OWNERSHIP_CHANGE]
    assert theirs[1].counterparty == who.stranger
