"""Calls inside calls: ours where the account makes them, unknown with their dangers named where somebody else does."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treasurer.policies.decode.draft.nesting import DEEPEST, MOST_BYTES, MOST_CALLS
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call, Operation
from treasurer.wallets.values import NATIVE

from ..conftest import Venue
from ..nesting import (
    ENTRY_POINT,
    MULTICALL3,
    MULTISEND,
    TIMELOCK,
    WRAPPERS,
    Wrapper,
    aggregate3,
    batch_data,
    batch_of_structs,
    execute,
    handle_ops,
    mode,
    multisend,
    operation_0_7,
    packed_calls,
    safe_exec,
    venues,
)

Effects = Callable[..., Any]
OURS = {name: wrapper for name, wrapper in WRAPPERS.items() if wrapper.kind is not None}
TRANSFER = "transfer(address,uint256)"
SINGLE_IN = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"


def _kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind for effect in effects]


@pytest.mark.parametrize("name", OURS)
def test_what_the_account_makes_is_decoded_as_at_the_top(effects_of: Effects, who: SimpleNamespace, name: str) -> None:
    wrapper = OURS[name]
    calls = (
        Call.encode(who.usdc, "approve(address,uint256)", who.pool, 5),
        Call.encode(who.pool, "supply(address,uint256,address,uint16)", who.usdc, 5, who.self, 0),
        Call.encode(who.usdc, TRANSFER, who.alice, 7),
    )
    inside = effects_of(wrapper.wrap(who.self, calls), venues=venues(who.self, wrapper))
    at_the_top = effects_of(*calls)
    plain = [effect.model_copy(update={"call": None, "path": (), "may_fail": False}) for effect in at_the_top]
    assert [effect.model_copy(update={"call": None, "path": (), "may_fail": False}) for effect in inside] == plain
    assert inside[0].settled_by == 1
    assert {effect.call for effect in inside} == {0}
    assert [effect.path[-1] for effect in inside] == [0, 1, 2]


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("registered", [True, False], ids=["in the book", "not in the book"])
@pytest.mark.parametrize(
    ("danger", "kind"),
    [
        (("usdc", "approve(address,uint256)", "stranger", 2**256 - 1), Kind.UNLIMITED_APPROVAL),
        (("fake", "approve(address,uint256)", "stranger", 2**256 - 1), Kind.UNLIMITED_APPROVAL),
        (("punks", "setApprovalForAll(address,bool)", "stranger", True), Kind.OPERATOR_APPROVAL),
        (("self", "transferOwnership(address)", "stranger"), Kind.OWNERSHIP_CHANGE),
        (("self", "enableModule(address)", "stranger"), Kind.MODULE_CHANGE),
        (("self", "installModule(uint256,address,bytes)", 1, "stranger", b"x"), Kind.MODULE_CHANGE),
    ],
)
def test_a_danger_is_named_whatever_the_wrapper(
    effects_of: Effects, who: SimpleNamespace, name: str, registered: bool, danger: tuple[Any, ...], kind: Kind
) -> None:
    wrapper = WRAPPERS[name]
    target, signature, *arguments = danger
    resolved = [getattr(who, value) if isinstance(value, str) else value for value in arguments]
    call = wrapper.wrap(who.self, (Call.encode(getattr(who, target), signature, *resolved),))
    if call.operation == Operation.DELEGATECALL and not registered:
        kind = Kind.DELEGATECALL
    if name == "execTransaction of a MultiSend" and not registered:
        kind = Kind.DELEGATECALL
    effects = effects_of(call, venues=venues(who.self, wrapper) if registered else {})
    assert kind in _kinds(effects)
    if wrapper.kind is None or not registered:
        assert Kind.UNKNOWN in _kinds(effects) or kind is Kind.DELEGATECALL


@pytest.mark.parametrize("wrap", ["Multicall3", "another account", "a timelock"])
def test_what_another_sender_takes_of_ours_is_named_with_its_amount(
    effects_of: Effects, who: SimpleNamespace, wrap: str
) -> None:
    wrapper = WRAPPERS[wrap]
    for token in (who.usdc, who.fake):
        pull = Call.encode(token, "transferFrom(address,address,uint256)", who.self, who.stranger, 9)
        effects = effects_of(wrapper.wrap(who.self, (pull,)), venues=venues(who.self, wrapper))
        unknown = next(effect for effect in effects if effect.kind == Kind.UNKNOWN)
        assert "as the sender, which is not the account" in unknown.unknown[0]
        (taken,) = (effect for effect in effects if effect.kind == Kind.TRANSFER)
        assert (taken.asset, taken.amount, taken.counterparty) == (token, 9, who.stranger)
        assert taken.beside is not None


@pytest.mark.parametrize("owner", ["self", "stranger"])
@pytest.mark.parametrize(("amount", "kinds"), [(9, ["permit"]), (2**200 - 1, ["permit", "unlimited_approval"])])
def test_anybody_may_submit_our_permit(
    effects_of: Effects, who: SimpleNamespace, owner: str, amount: int, kinds: list[str]
) -> None:
    signature = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    terms = (getattr(who, owner), who.stranger, amount, 2**40, 27, b"\0" * 32, b"\0" * 32)
    effects = effects_of(aggregate3(Call.encode(who.usdc, signature, *terms)), venues={MULTICALL3: "multicall3"})
    assert _kinds(effects) == ["unknown", *(kinds if owner == "self" else [])]


@pytest.mark.parametrize(
    ("kind", "signature", "arguments"),
    [
        ("erc7579-account", "execute(bytes32,bytes)", (mode(1), batch_data())),
        ("erc7821-account", "execute(bytes32,bytes)", (mode(1), batch_data())),
        (
            "timelock-controller",
            "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)",
            ([], [], [], b"\0" * 32, b"\0" * 32),
        ),
        ("multicall3", "aggregate((address,bytes)[])", ([],)),
        ("safe-multisend-call-only", "multiSend(bytes)", (b"",)),
    ],
)
def test_value_sent_to_a_wrapper_of_nothing_is_not_lost_sight_of(
    effects_of: Effects, who: SimpleNamespace, kind: str, signature: str, arguments: tuple[Any, ...]
) -> None:
    call = Call.encode(TIMELOCK, signature, *arguments, value=5)
    effects = effects_of(call, venues={TIMELOCK: kind})
    first = effects[0]
    assert (first.kind, first.asset, first.amount, first.counterparty) == (Kind.TRANSFER, NATIVE, 5, TIMELOCK)


def test_a_sender_gets_back_to_us_through_the_entry_point(effects_of: Effects, who: SimpleNamespace) -> None:
    """Multicall3 calls the EntryPoint, which runs an operation of our own account: that part is ours again."""
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    operation = operation_0_7(who.self, batch_of_structs(who.self, pay).data)
    effects = effects_of(
        aggregate3(handle_ops(operation, beneficiary=who.self)),
        venues=venues(who.self, WRAPPERS["EntryPoint"]),
    )
    assert _kinds(effects)[0] == Kind.UNKNOWN
    assert (Kind.TRANSFER, who.alice, 7, (0, 0, 0)) in [
        (effect.kind, effect.counterparty, effect.amount, effect.path) for effect in effects
    ]


@pytest.mark.parametrize("name", OURS)
def test_without_the_pin_of_its_code_a_wrapper_is_not_believed(
    effects_of: Effects, who: SimpleNamespace, name: str
) -> None:
    wrapper = OURS[name]
    call = wrapper.wrap(who.self, (Call.encode(who.usdc, TRANSFER, who.alice, 7),))
    known = venues(who.self, wrapper)
    effects = effects_of(call, venues={address: Venue("x", kind) for address, kind in known.items()})
    assert Kind.TRANSFER not in _kinds(effects)
    assert {Kind.UNKNOWN, Kind.DELEGATECALL} & set(_kinds(effects))


def test_a_call_of_the_account_s_own_code_is_unknown_without_the_book(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    effects = effects_of(execute(who.self, pay))
    assert set(_kinds(effects)) == {Kind.UNKNOWN}
    assert any("does not pin" in effect.unknown[0] for effect in effects)


def _deep(account: str, call: Call, depth: int) -> Call:
    for _ in range(depth):
        call = execute(account, call)
    return call


def test_depth_is_bounded_and_what_lies_below_is_unknown(effects_of: Effects, who: SimpleNamespace) -> None:
    book = {who.self: "simple-account-0.8"}
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    assert _kinds(effects_of(_deep(who.self, pay, DEEPEST), venues=book)) == [Kind.TRANSFER]
    (effect,) = effects_of(_deep(who.self, pay, DEEPEST + 1), venues=book)
    assert effect.kind == Kind.UNKNOWN
    assert f"more than {DEEPEST} calls deep" in effect.unknown[0]


def test_the_number_of_calls_is_bounded(effects_of: Effects, who: SimpleNamespace) -> None:
    book = {who.self: "simple-account-0.8"}
    pay = Call(to=who.alice, value=1)
    assert len(effects_of(batch_of_structs(who.self, *[pay] * MOST_CALLS), venues=book)) == MOST_CALLS
    most = batch_of_structs(who.self, *[pay] * (MOST_CALLS - 1))
    effects = effects_of(most, execute(who.self, pay), execute(who.self, pay), venues=book)
    assert _kinds(effects) == [Kind.TRANSFER] * MOST_CALLS + [Kind.UNKNOWN]
    assert f"more than {MOST_CALLS} calls" in effects[-1].unknown[0]


def test_the_bytes_inside_are_bounded(effects_of: Effects, who: SimpleNamespace) -> None:
    book = {who.self: "simple-account-0.8"}
    big = Call(to=who.usdc, data=b"\1\2\3\4" + b"\0" * (MOST_BYTES // 2))
    effects = effects_of(batch_of_structs(who.self, big, big), venues=book)
    assert f"more than {MOST_BYTES} bytes" in effects[-1].unknown[0]


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("spoil", [lambda data: data + b"\0", lambda data: data[:-1], lambda data: data + b"\0" * 32])
def test_calldata_that_is_not_canonical_is_unknown_at_every_depth(
    effects_of: Effects, who: SimpleNamespace, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    wrapper = WRAPPERS[name]
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    book = venues(who.self, wrapper)
    inside = effects_of(wrapper.wrap(who.self, (Call(to=pay.to, data=spoil(pay.data)),)), venues=book)
    good = wrapper.wrap(who.self, (pay,))
    outside = effects_of(good.model_copy(update={"data": spoil(good.data)}), venues=book)
    assert Kind.UNKNOWN in _kinds(inside)
    assert Kind.UNKNOWN in _kinds(outside)
    assert Kind.TRANSFER not in _kinds(inside) + _kinds(outside)


def test_an_approval_is_settled_only_by_what_cannot_fail_alone(effects_of: Effects, who: SimpleNamespace) -> None:
    """Each operation of an EntryPoint may fail alone, and so does each call that a Safe makes with safeTxGas."""
    approve = Call.encode(who.usdc, "approve(address,uint256)", who.router, 5)
    swap = Call.encode(who.router, SINGLE_IN, (who.usdc, who.weth, 500, who.self, 5, 1, 0))
    revoke = Call.encode(who.usdc, "approve(address,uint256)", who.router, 0)
    book = {who.self: "safe", ENTRY_POINT: "entry-point-0.8", MULTISEND: "safe-multisend"}
    together = effects_of(safe_exec(who.self, multisend(approve, swap), safe_tx_gas=1), venues=book)
    apart = effects_of(approve, safe_exec(who.self, swap, safe_tx_gas=1), venues=book)
    certain = effects_of(approve, safe_exec(who.self, swap), venues=book)
    closed = effects_of(approve, safe_exec(who.self, swap, safe_tx_gas=1), revoke, venues=book)
    reopened = effects_of(approve, swap, safe_exec(who.self, revoke, safe_tx_gas=1), venues=book)
    half_open = effects_of(
        Call.encode(who.usdc, "approve(address,uint256)", who.router, 9),
        swap,
        safe_exec(who.self, revoke, safe_tx_gas=1),
        venues=book,
    )
    settled = [effects[0].settled_by for effects in (together, apart, certain, closed, reopened, half_open)]
    assert settled == [1, None, 1, 1, 1, None]


def test_what_may_have_failed_settles_nothing_and_unsettles_nothing(effects_of: Effects, who: SimpleNamespace) -> None:
    approve = Call.encode(who.usdc, "approve(address,uint256)", who.router, 5)
    swap = Call.encode(who.router, SINGLE_IN, (who.usdc, who.weth, 500, who.self, 5, 1, 0))
    revoke = Call.encode(who.usdc, "approve(address,uint256)", who.router, 0)
    book = {who.self: "safe", MULTISEND: "safe-multisend"}
    tried = safe_exec(who.self, revoke, safe_tx_gas=1)
    used = effects_of(approve, tried, swap, venues=book)
    closed = effects_of(approve, tried, swap, revoke, venues=book)
    again = effects_of(safe_exec(who.self, multisend(approve, swap), safe_tx_gas=1), swap, revoke, venues=book)
    assert [effect.settled_by for effect in used] == [2, None, None]
    assert [effect.settled_by for effect in closed] == [2, None, None, None]
    assert [effect.settled_by for effect in again] == [1, None, None, None]


def test_each_operation_has_its_own_place(effects_of: Effects, who: SimpleNamespace) -> None:
    pay = batch_of_structs(who.self, Call.encode(who.usdc, TRANSFER, who.alice, 7))
    operation = operation_0_7(who.self, pay.data)
    effects = effects_of(
        handle_ops(operation, operation, beneficiary=who.self), venues=venues(who.self, WRAPPERS["EntryPoint"])
    )
    assert [effect.path for effect in effects] == [(0, 0), (1, 0)]


def test_a_wrapper_that_the_account_s_kind_lacks_is_not_believed(effects_of: Effects, who: SimpleNamespace) -> None:
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    effects = effects_of(batch_of_structs(who.self, pay), venues={who.self: "simple-account-0.6"})
    assert _kinds(effects) == [Kind.UNKNOWN, Kind.UNKNOWN]
    upgrade = Call.encode(who.self, "upgradeToAndCall(address,bytes)", MULTISEND, multisend(pay).data)
    upgraded = effects_of(upgrade, venues={who.self: "safe", MULTISEND: "safe-multisend"})
    assert Kind.TRANSFER not in _kinds(upgraded)
    assert _kinds(upgraded)[:2] == [Kind.OWNERSHIP_CHANGE, Kind.UNKNOWN]


def test_a_token_that_the_book_lacks_is_unknown_where_we_call_it(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "transferFrom(address,address,uint256)"
    assert _kinds(effects_of(Call.encode(who.fake, signature, who.self, who.alice, 7))) == [Kind.UNKNOWN]


def test_an_allowance_after_a_call_that_may_have_failed_is_not_known(effects_of: Effects, who: SimpleNamespace) -> None:
    book = {who.self: "safe"}
    revoke = Call.encode(who.usdc, "approve(address,uint256)", who.router, 0)
    increase = Call.encode(who.usdc, "increaseAllowance(address,uint256)", who.router, 5)
    certain = effects_of(safe_exec(who.self, revoke), increase, venues=book)
    doubtful = effects_of(safe_exec(who.self, revoke, safe_tx_gas=1), increase, venues=book)
    assert [effect.amount for effect in certain] == [0, 5]
    assert [effect.amount for effect in doubtful][:2] == [0, None]
    approve = Call.encode(who.usdc, "approve(address,uint256)", who.router, 5)
    raised = effects_of(safe_exec(who.self, approve, safe_tx_gas=1), increase, venues=book)
    assert [effect.amount for effect in raised][:2] == [5, None]


def test_the_tree_says_who_calls_whom_with_what(effects_of: Effects, who: SimpleNamespace) -> None:
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    book = venues(who.self, WRAPPERS["execTransaction of a MultiSend"])
    call = safe_exec(who.self, multisend(pay, Call(to=who.alice, value=3)))
    effects, nodes = effects_of(call, aggregate3(pay), venues=book, tree=True)
    assert effects == effects_of(call, aggregate3(pay), venues=book)
    told = [
        (node.call, node.path, node.sender, node.target, (node.signature or "").partition("(")[0]) for node in nodes
    ]
    assert told == [
        (0, (), who.self, who.self, "execTransaction"),
        (0, (0,), who.self, MULTISEND, "multiSend"),
        (0, (0, 0), who.self, who.usdc, "transfer"),
        (0, (0, 1), who.self, who.alice, ""),
        (1, (), who.self, MULTICALL3, "aggregate3Value"),
        (1, (0,), MULTICALL3, who.usdc, "transfer"),
    ]
    assert nodes[1].operation == Operation.DELEGATECALL
    assert [(argument.type, argument.value) for argument in nodes[2].arguments] == [
        ("address", who.alice),
        ("uint256", 7),
    ]


def test_value_in_multicall3_is_anybody_s(effects_of: Effects, who: SimpleNamespace) -> None:
    call = aggregate3(Call(to=who.alice, value=3)).model_copy(update={"value": 5})
    effects = effects_of(call, venues={MULTICALL3: "multicall3"})
    assert (Kind.TRANSFER, NATIVE, 2, MULTICALL3) in [
        (effect.kind, effect.asset, effect.amount, effect.counterparty) for effect in effects
    ]


def test_multisend_call_only_called_makes_its_own_calls(effects_of: Effects, who: SimpleNamespace) -> None:
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    library = {TIMELOCK: "safe-multisend-call-only", who.self: "safe"}
    call = Call.encode(TIMELOCK, "multiSend(bytes)", packed_calls(pay))
    (unknown,) = effects_of(call, venues=library)
    assert (unknown.kind, unknown.path) == (Kind.UNKNOWN, (0,))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_nest_makes_it_raise(effects_of: Effects, who: SimpleNamespace, data: st.DataObject) -> None:
    """Random bytes, random targets, random wrappers inside each other: an answer, and never an effect from nowhere."""
    names = st.sampled_from(sorted(WRAPPERS))
    kind: Wrapper = WRAPPERS[data.draw(names)]
    book = venues(who.self, kind)
    targets = st.sampled_from([who.usdc, who.fake, who.self, who.pool, *book])
    call = Call(
        to=data.draw(targets),
        value=data.draw(st.integers(0, 2**256 - 1)),
        data=data.draw(st.binary(max_size=200)),
        operation=data.draw(st.sampled_from(Operation)),
    )
    for name in data.draw(st.lists(names, max_size=4)):
        call = WRAPPERS[name].wrap(who.self, (call,))
    place = data.draw(st.none() | st.integers(0, len(call.data) - 1)) if call.data else None
    if place is not None:
        changed = bytearray(call.data)
        changed[place] ^= data.draw(st.integers(1, 255))
        call = call.model_copy(update={"data": bytes(changed)})
    effects, nodes = effects_of(call, venues=book, tree=True)
    assert effects
    assert nodes
    assert effects == effects_of(call, venues=book)
    for index, effect in enumerate(effects):
        assert effect.kind != Kind.UNKNOWN or effect.unknown
        assert effect.beside is None or (effect.beside != index and effect.beside < len(effects))
        assert effect.path in {node.path for node in nodes}
