"""Whatever the bytes: an answer, and no effect that a rule could allow from bytes that are not canonical."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
from eth_abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from treasurer.policies.decode.draft.nesting import DEEPEST, MOST_CALLS
from treasurer.policies.decode.registry import ANYWHERE, BY_KIND
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Authorization, Call, Operation, argument_types, selector

Effects = Callable[..., tuple[Effect, ...]]
TARGETS = {
    "erc20": "usdc",
    "weth9": "weth",
    "erc721": "punks",
    "aave-v3-pool": "pool",
    "aave-v3-debt-token": "debt",
    "governor": "governor",
    "permit2": "permit2",
    "uniswap-v2-router": "router_v2",
    "uniswap-v3-router": "router",
}
READABLE = [
    (TARGETS[kind], function.signature)
    for kind, functions in (*BY_KIND.items(), *((kind, ANYWHERE) for kind in BY_KIND))
    for function in functions
    if kind in TARGETS
]
SELECTORS = sorted({selector(signature) for _, signature in READABLE})
targets = st.sampled_from([*sorted(TARGETS.values()), "fake", "self", "alice", "sender"])
amounts = st.sampled_from([0, 1, 5, 2**96 - 1, 2**160 - 1, 2**255, 2**256 - 1]) | st.integers(0, 2**256 - 1)
names = ("self", "alice", "usdc", "weth", "dai", "fake", "router", "router_v2", "pool", "sender", "this", "stranger")


def _values(kind: str, who: SimpleNamespace) -> st.SearchStrategy[Any]:
    """Arguments of one type, mostly ones that mean something to a router."""
    if kind.endswith("[]"):
        return st.lists(_values(kind[:-2], who), max_size=3)
    if kind.startswith("("):
        return st.tuples(*(_values(member, who) for member in argument_types(kind)))
    if kind == "address":
        return st.sampled_from([getattr(who, name) for name in names])
    if kind == "bool":
        return st.booleans()
    if kind in ("bytes", "string"):
        data = (
            _router_data(who)
            | st.binary(max_size=90)
            | st.just(_path(who.usdc, who.weth))
            | st.just(_path(who.weth, who.dai))
        )
        return st.just("text") if kind == "string" else data
    if kind.startswith("bytes"):
        return st.binary(min_size=int(kind[5:]), max_size=int(kind[5:]))
    return amounts.map(lambda amount: amount % 2 ** int(kind[4:]))


def _router_data(who: SimpleNamespace) -> st.SearchStrategy[bytes]:
    flat = [
        function.signature
        for function in BY_KIND["uniswap-v3-router"]
        if not function.signature.startswith("multicall")
    ]
    return st.deferred(lambda: st.sampled_from(flat).flatmap(lambda signature: _calldata(signature, who)))


def _calldata(signature: str, who: SimpleNamespace) -> st.SearchStrategy[bytes]:
    types = argument_types(signature)
    return st.tuples(*(_values(kind, who) for kind in types)).map(
        lambda found: selector(signature) + encode(types, found)
    )


def _path(*tokens: str) -> bytes:
    return (500).to_bytes(3, "big").join(bytes.fromhex(token[2:]) for token in tokens)


def _check(effects: tuple[Effect, ...]) -> None:
    for index, effect in enumerate(effects):
        assert effect.kind != Kind.UNKNOWN or effect.unknown
        assert effect.beside is None or effect.beside != index
        assert effect.settled_by is None or (effect.kind in (Kind.APPROVAL, Kind.PERMIT) and effect.settled_by > index)
        assert Effect.model_validate_json(effect.model_dump_json()) == effect


@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_any_calldata_gets_an_answer(effects_of: Effects, who: SimpleNamespace, data: st.DataObject) -> None:
    call = Call(
        to=getattr(who, data.draw(targets)),
        value=data.draw(amounts),
        data=data.draw(
            st.binary(max_size=300) | st.tuples(st.sampled_from(SELECTORS), st.binary(max_size=300)).map(b"".join)
        ),
        operation=data.draw(st.sampled_from(Operation)),
    )
    effects = effects_of(call)
    assert effects
    _check(effects)


@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_meaningful_proposals_get_consistent_effects(
    effects_of: Effects, who: SimpleNamespace, data: st.DataObject
) -> None:
    readable = data.draw(st.lists(st.sampled_from(READABLE), min_size=1, max_size=4))
    value = data.draw(st.just(0) | amounts)
    calls = [
        Call(to=getattr(who, target), value=value, data=data.draw(_calldata(signature, who)))
        for target, signature in readable
    ]
    effects = effects_of(*calls)
    assert {effect.call for effect in effects} == set(range(len(calls)))
    _check(effects)


@settings(max_examples=1500, deadline=None)
@given(st.data())
def test_one_changed_byte_is_unknown_or_changes_what_is_said(
    effects_of: Effects, who: SimpleNamespace, data: st.DataObject
) -> None:
    """Except where the byte belongs to a value that moves nothing: a signature, a nonce, a fee, a referral code."""
    signature, arguments = data.draw(
        st.sampled_from(
            [
                ("usdc transfer(address,uint256)", (who.alice, 5)),
                ("usdc approve(address,uint256)", (who.router, 5)),
                ("pool withdraw(address,uint256,address)", (who.usdc, 5, who.self)),
                ("router sweepToken(address,uint256,address)", (who.usdc, 5, who.alice)),
                ("permit2 approve(address,address,uint160,uint48)", (who.usdc, who.router, 5, 1900)),
            ]
        )
    )
    target, function = signature.split(" ")
    good = Call.encode(getattr(who, target), function, *arguments)
    place, byte = data.draw(st.integers(0, len(good.data) - 1)), data.draw(st.integers(1, 255))
    changed = bytearray(good.data)
    changed[place] ^= byte
    before, after = effects_of(good), effects_of(Call(to=good.to, data=bytes(changed)))
    minimum_of_the_sweep = target == "router" and 36 <= place < 68
    assert before != after or minimum_of_the_sweep


@pytest.mark.parametrize("chain_id", [0, 1, 10, 2**256])
def test_any_authorization_gets_an_answer(effects_of: Effects, who: SimpleNamespace, chain_id: int) -> None:
    assert effects_of(authorizations=(Authorization(chain_id=chain_id, address=who.alice, nonce=2**64),))


def test_a_swap_is_read_in_far_less_than_the_budget_of_a_verdict(effects_of: Effects, who: SimpleNamespace) -> None:
    approve = Call.encode(who.usdc, "approve(address,uint256)", who.router, 1000)
    swap = Call.encode(
        who.router,
        "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))",
        (who.usdc, who.weth, 500, who.self, 1000, 7, 0),
    )
    assert _steps(lambda: effects_of(approve, swap)) < 250


def _steps(work: Callable[[], object]) -> int:
    """Python functions entered, once what is kept is known: what a machine's load does not change."""
    work()
    steps = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return steps


def test_four_times_as_many_nested_swaps_are_four_times_the_work(effects_of: Effects, who: SimpleNamespace) -> None:
    swap = Call.encode(
        who.router,
        "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))",
        (who.usdc, who.weth, 500, who.this, 1000, 7, 0),
    )
    few, many = (Call.encode(who.router, "multicall(bytes[])", [swap.data] * count) for count in (250, 1000))
    assert _steps(lambda: effects_of(many)) < 5 * _steps(lambda: effects_of(few))


def test_the_most_that_may_lie_inside_is_bounded_work(effects_of: Effects, who: SimpleNamespace) -> None:
    """As many calls as are read, side by side and inside each other, all made by somebody else."""

    def batch(*calls: Call) -> Call:
        terms = [(one.to, True, one.data) for one in calls]
        return Call.encode(who.fake, "aggregate3((address,bool,bytes)[])", terms)

    approve = Call.encode(who.usdc, "approve(address,uint256)", who.stranger, 2**256 - 1)
    deep = approve
    for _ in range(DEEPEST - 2):
        deep = batch(deep)
    for calls in ([approve] * MOST_CALLS, [deep] * 12):
        call = batch(*calls)
        effects = effects_of(call)
        unlimited = [effect for effect in effects if effect.kind == Kind.UNLIMITED_APPROVAL]
        assert len(unlimited) == len(calls)
        assert _steps(lambda call=call: effects_of(call)) < 100_000
