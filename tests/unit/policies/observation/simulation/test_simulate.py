"""A simulation's answer is held against balances: a token that logs less than it takes is found out."""

from __future__ import annotations

from eth_abi import encode
from eth_utils.crypto import keccak

from treasurer.policies.facts import Simulated
from treasurer.policies.observation.reads.probes import Answers, Probe, allowance, token_balance
from treasurer.policies.observation.simulation.simulate import gas_limit, unsimulatable
from treasurer.policies.observation.simulation.simulated import read_simulated
from treasurer.policies.observation.simulation.simulation import CallResult, Simulation
from treasurer.wallets.call import Call, Operation, selector
from treasurer.wallets.chain import Log
from treasurer.wallets.eip712 import word

ME, ALICE = "0x" + "11" * 20, "0x" + "a1" * 20
USDC = "0x" + "c0" * 20
HELD = token_balance(USDC, ME)
TRANSFER = "0x" + keccak(text="Transfer(address,address,uint256)").hex()


def sent(amount: int) -> Log:
    return Log(USDC, (TRANSFER, "0x" + word(ME).hex(), "0x" + word(ALICE).hex()), word(amount))


def simulation(call: CallResult, before: dict[Probe, int], after: dict[Probe, int]) -> Simulation:
    return Simulation(_answers(before), _answers(after), (call,))


def _answers(numbers: dict[Probe, int]) -> Answers:
    return Answers({probe: word(number) for probe, number in numbers.items()})


def read(
    found: Simulation, allowances: dict[str, Probe] | None = None, positions: frozenset[str] = frozenset()
) -> Simulated:
    return read_simulated(
        found,
        ME,
        balances={USDC: HELD},
        allowances=allowances or {},
        watch=frozenset(),
        positions=positions,
        pools=(),
    )


def done(*logs: Log) -> CallResult:
    return CallResult(True, 50_000, b"", logs)


def test_logs_and_balances_that_agree_are_what_moved() -> None:
    found = read(simulation(done(sent(100)), {HELD: 1000}, {HELD: 900}))
    assert found.outflows == {USDC: 100}
    assert found.inflows == {}


def test_a_token_that_takes_more_than_it_logs_is_found_out() -> None:
    found = read(simulation(done(sent(100)), {HELD: 1000}, {HELD: 850}))
    assert found.outflows == {USDC: 150}


def test_a_log_that_lies_can_only_count_against_the_call() -> None:
    found = read(simulation(done(sent(100)), {HELD: 1000}, {HELD: 1000}))
    assert found.outflows == {USDC: 100}
    assert found.inflows == {USDC: 100}


def test_a_balance_that_cannot_be_read_fails_the_simulation() -> None:
    found = read(simulation(done(), {HELD: 1000}, {}))
    assert not found.succeeded


def test_an_allowance_that_cannot_be_read_fails_the_simulation() -> None:
    pair = {f"{USDC}:{ALICE}": allowance(USDC, ME, ALICE)}
    found = read(simulation(done(), {HELD: 1}, {HELD: 1}), pair)
    assert not found.succeeded


def test_the_logs_of_a_failed_call_are_no_movements() -> None:
    reason = selector("Error(string)") + encode(["string"], ["no"])
    found = read(simulation(CallResult(False, 30_000, reason, (sent(100),)), {HELD: 1}, {HELD: 1}))
    assert (found.failure, found.failed_call, found.outflows) == ('reverted: "no"', 0, {})


def test_a_gas_limit_covers_what_was_refunded() -> None:
    assert gas_limit(100_000) == 140_000
    assert gas_limit(1) >= 1


def test_only_plain_calls_can_be_simulated() -> None:
    assert unsimulatable([Call(to=ALICE)]) == ""
    assert "contract" in unsimulatable([Call(to=None)])
    assert "delegatecall" in unsimulatable([Call(to=ALICE, operation=Operation.DELEGATECALL)])


def test_a_position_that_shrinks_is_no_outflow_even_where_the_book_lists_it() -> None:
    shrunk = simulation(done(), {HELD: 1000}, {HELD: 400})
    assert read(shrunk, positions=frozenset({USDC})).outflows == {}
    assert read(shrunk).outflows == {USDC: 600}
