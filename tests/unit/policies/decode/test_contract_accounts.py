"""Each function of accounts, Safes, EntryPoints and timelocks: decoding gives back what was encoded."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from eth_abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from treasurer.policies.decode.authority.authority import (
    AUTHORITY,
    CODE,
    CODE_AND_CALL,
    MODULES,
    OWNERS,
    ROLES,
    SAFE_OWNERS,
)
from treasurer.policies.decode.registry import ACCOUNTS, BY_KIND
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call, Operation, argument_types
from treasurer.wallets.values import NATIVE

from .nesting import (
    ENTRY_POINT,
    TIMELOCK,
    UNPACKED,
    ZERO,
    batch_data,
    batch_of_lists,
    batch_of_structs,
    batch_without_values,
    execute,
    handle_ops,
    mode,
    modular_batch,
    modular_single,
    operation_0_7,
    safe_exec,
)

Effects = Callable[..., Any]
TRANSFER = "transfer(address,uint256)"
SELECTOR_7821 = bytes.fromhex("78210001")
BATCHES_7821 = bytes.fromhex("78210002")
addresses = st.binary(min_size=20, max_size=20).filter(any).map(lambda data: "0x" + data.hex())
amounts = st.integers(0, 2**256 - 1)
inner = st.lists(
    st.builds(lambda to, value, data: Call(to=to, value=value, data=data), addresses, amounts, st.binary(max_size=70)),
    min_size=1,
    max_size=5,
)


def _values(kind: str) -> st.SearchStrategy[Any]:
    if kind.endswith("[]"):
        return st.lists(_values(kind[:-2]), max_size=3)
    if kind.startswith("("):
        return st.tuples(*(_values(member) for member in argument_types(kind)))
    if kind == "address":
        return addresses
    if kind == "bool":
        return st.booleans()
    if kind == "string":
        return st.text(max_size=20)
    if kind == "bytes":
        return st.binary(max_size=90)
    if kind.startswith("bytes"):
        return st.binary(min_size=int(kind[5:]), max_size=int(kind[5:]))
    return st.integers(0, 2 ** int(kind[4:]) - 1)


def _as_read(value: Any) -> Any:
    """A value as the decoder gives it: tuples for lists, bytes for text."""
    if isinstance(value, list | tuple):
        return tuple(_as_read(item) for item in value)
    return value.encode() if isinstance(value, str) and not value.startswith("0x") else value


OWNED = [
    (kind, function.signature)
    for kind in (
        *ACCOUNTS,
        "entry-point-0.6",
        "entry-point-0.7",
        "entry-point-0.8",
        "multicall3",
        "safe-multisend-call-only",
        "timelock-controller",
        "compound-timelock",
        "access-manager",
    )
    for function in BY_KIND[kind]
]


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_decoding_gives_back_what_was_encoded(effects_of: Effects, who: SimpleNamespace, data: st.DataObject) -> None:
    kind, signature = data.draw(st.sampled_from([*OWNED, *(("safe", function.signature) for function in AUTHORITY)]))
    arguments = [data.draw(_values(one)) for one in argument_types(signature)]
    _, nodes = effects_of(Call.encode(who.self, signature, *arguments), venues={who.self: kind}, tree=True)
    read = nodes[0]
    assert read.signature == signature
    assert tuple(argument.value for argument in read.arguments) == tuple(
        _as_read(value) if one != "string" else value.encode()
        for one, value in zip(argument_types(signature), arguments, strict=True)
    )


SHAPES = {
    "simple-account-0.7": lambda account, calls: batch_of_lists(account, *calls),
    "simple-account-0.8": lambda account, calls: batch_of_structs(account, *calls),
    "erc7579-account": lambda account, calls: modular_batch(account, *calls),
    "erc7821-account": lambda account, calls: modular_batch(account, *calls),
}


@settings(max_examples=200, deadline=None)
@given(calls=inner, shape=st.sampled_from(sorted(SHAPES)))
def test_a_batch_is_its_calls(effects_of: Effects, who: SimpleNamespace, calls: list[Call], shape: str) -> None:
    _, nodes = effects_of(SHAPES[shape](who.self, calls), venues={who.self: shape}, tree=True)
    made = [(node.sender, node.target, node.value, node.data) for node in nodes if node.path[1:] == () and node.path]
    assert made == [(who.self, call.to, call.value, call.data) for call in calls]


@settings(max_examples=200, deadline=None)
@given(calls=inner)
def test_a_batch_of_0_6_carries_no_value(effects_of: Effects, who: SimpleNamespace, calls: list[Call]) -> None:
    call = batch_without_values(who.self, *calls)
    _, nodes = effects_of(call, venues={who.self: "simple-account-0.6"}, tree=True)
    made = [(node.target, node.value, node.data) for node in nodes if len(node.path) == 1]
    assert made == [(call.to, 0, call.data) for call in calls]


def _only(effects: tuple[Effect, ...]) -> Effect:
    (effect,) = effects
    return effect


def test_a_batch_of_lists_without_values_sends_none(effects_of: Effects, who: SimpleNamespace) -> None:
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    book = {who.self: "simple-account-0.7"}
    signature = "executeBatch(address[],uint256[],bytes[])"
    empty = Call.encode(who.self, signature, [who.usdc], [], [pay.data])
    uneven = Call.encode(who.self, signature, [who.usdc, who.usdc], [0], [pay.data, pay.data])
    missing = Call.encode(who.self, signature, [who.usdc], [0], [])
    assert _only(effects_of(empty, venues=book)).kind == Kind.TRANSFER
    assert _only(effects_of(uneven, venues=book)).kind == Kind.UNKNOWN
    assert _only(effects_of(missing, venues=book)).kind == Kind.UNKNOWN


@pytest.mark.parametrize("tried", [True, False])
def test_a_single_execution_of_erc_7579_is_packed_without_padding(
    effects_of: Effects, who: SimpleNamespace, tried: bool
) -> None:
    book = {who.self: "erc7579-account"}
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    call = modular_single(who.self, pay, tried=tried)
    assert _only(effects_of(call, venues=book)).amount == 7
    short = Call.encode(who.self, "execute(bytes32,bytes)", mode(0), b"\1" * 51)
    assert _only(effects_of(short, venues=book)).kind == Kind.UNKNOWN


def test_a_delegatecall_of_erc_7579_is_one(effects_of: Effects, who: SimpleNamespace) -> None:
    data = bytes.fromhex(who.stranger[2:]) + b"\1\2\3\4"
    call = Call.encode(who.self, "execute(bytes32,bytes)", mode(0xFF), data)
    effect = _only(effects_of(call, venues={who.self: "erc7579-account"}))
    assert (effect.kind, effect.counterparty, effect.path) == (Kind.DELEGATECALL, who.stranger, (0,))
    short = Call.encode(who.self, "execute(bytes32,bytes)", mode(0xFF), data[:19])
    assert _only(effects_of(short, venues={who.self: "erc7579-account"})).kind == Kind.UNKNOWN


@pytest.mark.parametrize(
    "odd",
    [
        mode(0xFE),
        mode(2),
        mode(1, 2),
        mode(1, 0, b"\0\0\0\1"),
        mode(1)[:-1] + b"\1",
        mode(1)[:3] + b"\1" + mode(1)[4:],
    ],
    ids=["static", "call type", "execution type", "selector", "payload", "unused"],
)
@pytest.mark.parametrize("kind", ["erc7579-account", "erc7821-account"])
def test_a_mode_that_nobody_knows_is_unknown(effects_of: Effects, who: SimpleNamespace, odd: bytes, kind: str) -> None:
    call = Call.encode(who.self, "execute(bytes32,bytes)", odd, batch_data(Call(to=who.alice, value=1)))
    assert _only(effects_of(call, venues={who.self: kind})).kind == Kind.UNKNOWN


def test_erc_7821_reads_batches_and_batches_of_batches_and_no_operator_data(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    book = {who.self: "erc7821-account"}
    pay, home = Call(to=who.alice, value=1), Call(to=ZERO, value=2)
    triples = [(call.to, call.value, call.data) for call in (pay, home)]

    def run(selector: bytes, data: bytes) -> tuple[Effect, ...]:
        found: tuple[Effect, ...] = effects_of(
            Call.encode(who.self, "execute(bytes32,bytes)", mode(1, 0, selector), data), venues=book
        )
        return found

    with_nothing = encode(["(address,uint256,bytes)[]", "bytes"], [triples, b""])
    with_data = encode(["(address,uint256,bytes)[]", "bytes"], [triples, b"1"])
    plain = [(effect.kind, effect.counterparty, effect.amount) for effect in run(b"\0" * 4, batch_data(pay, home))]
    assert plain == [(Kind.TRANSFER, who.alice, 1), (Kind.TRANSFER, who.self, 2)]
    assert len(run(SELECTOR_7821, batch_data(pay))) == 1
    assert len(run(SELECTOR_7821, with_nothing)) == 2
    assert _only(run(SELECTOR_7821, with_data)).kind == Kind.UNKNOWN
    assert _only(run(b"\0" * 4, with_nothing)).kind == Kind.UNKNOWN
    batches = encode(["bytes[]"], [[batch_data(pay), with_nothing]])
    assert [effect.path for effect in run(BATCHES_7821, batches)] == [(0,), (1,), (2,)]
    assert _only(run(BATCHES_7821, encode(["bytes[]"], [[with_data]]))).kind == Kind.UNKNOWN


def test_a_safe_pays_gas_back_only_where_it_says_so(effects_of: Effects, who: SimpleNamespace) -> None:
    pay = Call.encode(who.usdc, TRANSFER, who.alice, 7)
    plain = effects_of(safe_exec(who.self, pay), venues={who.self: "safe"})
    refunded = effects_of(safe_exec(who.self, pay, gas_price=1, receiver=who.stranger), venues={who.self: "safe"})
    assert [effect.kind for effect in plain] == [Kind.TRANSFER]
    assert [(effect.kind, effect.counterparty) for effect in refunded] == [
        (Kind.TRANSFER, who.alice),
        (Kind.UNKNOWN, who.stranger),
    ]


def test_a_safe_s_hash_and_setup_are_named(effects_of: Effects, who: SimpleNamespace) -> None:
    book = {who.stranger: "safe"}
    approved = effects_of(Call.encode(who.stranger, "approveHash(bytes32)", b"\1" * 32), venues=book)
    assert [effect.kind for effect in approved] == [Kind.RAW_SIGNATURE]
    signature = "setup(address[],uint256,address,bytes,address,address,uint256,address)"
    terms = ([who.alice], 1, who.fake, b"\1\2\3\4", who.router, ZERO, 0, ZERO)
    kinds = [effect.kind for effect in effects_of(Call.encode(who.stranger, signature, *terms), venues=book)]
    assert kinds == [Kind.OWNERSHIP_CHANGE, Kind.MODULE_CHANGE, Kind.UNKNOWN, Kind.DELEGATECALL]


@pytest.mark.parametrize("name", ["execTransactionFromModule", "execTransactionFromModuleReturnData"])
@pytest.mark.parametrize(("operation", "kind"), [(0, Kind.TRANSFER), (1, Kind.DELEGATECALL), (2, Kind.UNKNOWN)])
def test_a_module_s_call_is_the_safe_s(
    effects_of: Effects, who: SimpleNamespace, name: str, operation: int, kind: Kind
) -> None:
    terms = (who.alice, 3, b"", operation)
    call = Call.encode(who.self, f"{name}(address,uint256,bytes,uint8)", *terms)
    assert _only(effects_of(call, venues={who.self: "safe"})).kind == kind


def test_an_operation_s_gas_goes_to_whoever_bundles_it(effects_of: Effects, who: SimpleNamespace) -> None:
    book = {who.self: "simple-account-0.8", ENTRY_POINT: "entry-point-0.8"}
    operation = operation_0_7(who.self, b"", fee=3, gas=(10, 20, 5))
    effect = _only(effects_of(handle_ops(operation, beneficiary=who.alice), venues=book))
    assert (effect.kind, effect.asset, effect.amount, effect.exact) == (Kind.TRANSFER, NATIVE, 105, False)
    assert _only(effects_of(handle_ops(operation, beneficiary=who.self), venues=book)).kind == Kind.CALL
    paid = (*operation[:7], b"\7" * 60, b"")
    assert _only(effects_of(handle_ops(paid, beneficiary=who.alice), venues=book)).kind == Kind.CALL


@pytest.mark.parametrize(("paymaster", "amount"), [(b"", 3 * (10 + 20 + 5)), (b"\7" * 20, None)])
def test_an_operation_of_0_6_is_read_by_its_own_shape(
    effects_of: Effects, who: SimpleNamespace, paymaster: bytes, amount: int | None
) -> None:
    book = {who.self: "simple-account-0.6", ENTRY_POINT: "entry-point-0.6"}
    pay = execute(who.self, Call.encode(who.usdc, TRANSFER, who.alice, 7))
    operation = (who.self, 0, b"", pay.data, 20, 10, 5, 3, 1, paymaster, b"")
    call = Call.encode(ENTRY_POINT, f"handleOps({UNPACKED}[],address)", [operation], who.stranger)
    effects = effects_of(call, venues=book)
    moved = [(effect.counterparty, effect.amount) for effect in effects]
    assert moved == [(who.alice, 7)] + ([(who.stranger, amount)] if amount else [])


def test_an_operation_that_deploys_is_unknown_and_one_of_another_account_too(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    book = {who.self: "simple-account-0.8", ENTRY_POINT: "entry-point-0.8"}
    mine, theirs = operation_0_7(who.self, b""), operation_0_7(who.stranger, b"")
    deploying = (*mine[:2], b"\7" * 30, *mine[3:])
    for operation in (deploying, theirs):
        effect = _only(effects_of(handle_ops(operation, beneficiary=who.self), venues=book))
        assert effect.kind == Kind.UNKNOWN


def test_an_aggregated_operation_is_read_too(effects_of: Effects, who: SimpleNamespace) -> None:
    book = {who.self: "simple-account-0.8", ENTRY_POINT: "entry-point-0.8"}
    pay = execute(who.self, Call.encode(who.usdc, TRANSFER, who.alice, 7))
    shape = "((address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)[],address,bytes)[]"
    group = ([operation_0_7(who.self, pay.data)], who.fake, b"")
    call = Call.encode(ENTRY_POINT, f"handleAggregatedOps({shape},address)", [group], who.self)
    assert _only(effects_of(call, venues=book)).amount == 7


@pytest.mark.parametrize(
    ("signature", "arguments", "value", "expected"),
    [
        ("depositTo(address)", ("self",), 5, (Kind.SUPPLY, 5, None, "self")),
        ("depositTo(address)", ("stranger",), 5, (Kind.SUPPLY, 5, None, "stranger")),
        ("addStake(uint32)", (60,), 5, (Kind.SUPPLY, 5, None, "self")),
        ("withdrawTo(address,uint256)", ("alice", 5), 0, (Kind.WITHDRAW, 5, "alice", "alice")),
        ("unlockStake()", (), 0, (Kind.CALL, None, None, None)),
        ("incrementNonce(uint192)", (7,), 0, (Kind.CALL, None, None, None)),
    ],
)
def test_deposits_at_the_entry_point(
    effects_of: Effects,
    who: SimpleNamespace,
    signature: str,
    arguments: tuple[Any, ...],
    value: int,
    expected: tuple[Any, ...],
) -> None:
    resolved = [getattr(who, item) if isinstance(item, str) else item for item in arguments]
    call = Call.encode(ENTRY_POINT, signature, *resolved, value=value)
    effect = _only(effects_of(call, venues={ENTRY_POINT: "entry-point-0.7"}))
    names = [None if name is None else getattr(who, name) for name in expected[2:]]
    assert [effect.kind, effect.amount, effect.counterparty, effect.on_behalf_of] == [*expected[:2], *names]


def test_the_entry_point_keeps_plain_value_as_a_deposit_and_all_stake_goes_at_once(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    book = {ENTRY_POINT: "entry-point-0.6"}
    deposited = _only(effects_of(Call(to=ENTRY_POINT, value=5), venues=book))
    assert (deposited.kind, deposited.on_behalf_of) == (Kind.SUPPLY, who.self)
    home = effects_of(Call.encode(ENTRY_POINT, "withdrawStake(address)", who.self), venues=book)
    away = effects_of(Call.encode(ENTRY_POINT, "withdrawStake(address)", who.alice), venues=book)
    assert [effect.kind for effect in home] == [Kind.WITHDRAW]
    assert [effect.kind for effect in away] == [Kind.WITHDRAW, Kind.UNKNOWN]


@pytest.mark.parametrize("kind", ["access-manager", "aave-v3-pool"])
def test_an_access_manager_is_the_sender_of_what_it_makes(effects_of: Effects, who: SimpleNamespace, kind: str) -> None:
    rights = Call.encode(who.usdc, "transferOwnership(address)", who.stranger).data
    scheduled = Call.encode(TIMELOCK, "schedule(address,bytes,uint48)", who.usdc, rights, 1)
    made = Call.encode(TIMELOCK, "execute(address,bytes)", who.usdc, rights)
    for call in (scheduled, made):
        effects = effects_of(call, venues={TIMELOCK: kind})
        assert [effect.kind for effect in effects][-2:] == [Kind.UNKNOWN, Kind.OWNERSHIP_CHANGE]
        assert effects[-1].path == (0,)


def test_a_compound_timelock_puts_the_selector_before_the_data(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "queueTransaction(address,uint256,string,bytes,uint256)"
    rights = encode(["address"], [who.stranger])
    call = Call.encode(TIMELOCK, signature, who.usdc, 0, "transferOwnership(address)", rights, 1)
    effects = effects_of(call, venues={TIMELOCK: "compound-timelock"})
    assert [effect.kind for effect in effects] == [Kind.UNKNOWN, Kind.OWNERSHIP_CHANGE]


@pytest.mark.parametrize("signature", [*OWNERS, *ROLES, *CODE, *SAFE_OWNERS, *CODE_AND_CALL, *MODULES])
def test_authority_is_named_at_the_top_and_inside(effects_of: Effects, who: SimpleNamespace, signature: str) -> None:
    kind = Kind.MODULE_CHANGE if signature in MODULES else Kind.OWNERSHIP_CHANGE
    arguments = [_plain_value(one, who) for one in argument_types(signature)]
    call = Call.encode(who.fake, signature, *arguments)
    effect = effects_of(call)[0]
    assert effect.kind == kind
    assert effect.counterparty == (who.stranger if "address" in argument_types(signature) else None)
    inside = effects_of(execute(who.self, call), venues={who.self: "simple-account-0.8"})
    assert (inside[0].kind, inside[0].path) == (kind, (0,))
    foreign = effects_of(execute(who.pool, call))
    assert kind in [effect.kind for effect in foreign]


def _plain_value(kind: str, who: SimpleNamespace) -> Any:
    if kind.endswith("[]"):
        return []
    plain: dict[str, Any] = {"address": who.stranger, "bool": True, "bytes": b""}
    if kind in plain:
        return plain[kind]
    return b"\0" * int(kind[5:]) if kind.startswith("bytes") else 1


@pytest.mark.parametrize("signature", CODE_AND_CALL)
def test_code_that_is_called_at_once_runs_as_the_proxy(
    effects_of: Effects, who: SimpleNamespace, signature: str
) -> None:
    arguments = [_plain_value(one, who) for one in argument_types(signature)]
    call = Call.encode(who.fake, signature, *arguments[:-1], b"\1\2\3\4")
    effects, nodes = effects_of(call, tree=True)
    assert [effect.kind for effect in effects] == [Kind.OWNERSHIP_CHANGE, Kind.UNKNOWN, Kind.DELEGATECALL]
    assert (nodes[1].sender, nodes[1].target, nodes[1].operation) == (
        who.stranger if signature.startswith("upgradeAndCall") else who.fake,
        who.stranger,
        Operation.DELEGATECALL,
    )


@pytest.mark.parametrize("signature", ["authorizeOperator(address)", "setOperator(address,bool)"])
def test_operators_of_erc_777_and_erc_6909_are_named(effects_of: Effects, who: SimpleNamespace, signature: str) -> None:
    arguments = [_plain_value(one, who) for one in argument_types(signature)]
    effect = _only(effects_of(Call.encode(who.fake, signature, *arguments)))
    assert (effect.kind, effect.counterparty) == (Kind.OPERATOR_APPROVAL, who.stranger)
