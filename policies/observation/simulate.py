"""One eth_simulateV1 request: probes before, the calls, probes after, all in the next block; and what its answer means.

Source: ethereum/execution-apis, eth_simulateV1. Gas is free in it (no fee fields, no validation), so balances change
by what the calls move alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...wallets.call import Call, Operation
from ...wallets.chain import BlockHeader, ChainClient, Log, decode_revert
from ...wallets.errors import ChainError, InvalidValue, RpcRefused
from ...wallets.values import ZERO_ADDRESS, parse_hex, to_hex
from ..facts import Simulated
from .accounts import Slot
from .actual import Movements, movements
from .probes import READERS, STORAGE_READER, Answers, Probe

PROBE_GAS = 3_000_000
"""No read that we make costs a third of it; a token that burns gas in balanceOf must not starve the others."""
_GAS_NUMERATOR, _GAS_DENOMINATOR = 7, 5


@dataclass(frozen=True, slots=True)
class CallResult:
    """One simulated call: whether it succeeded, gas used (refunds taken off), what it returned, and its logs."""

    succeeded: bool
    gas_used: int
    returned: bytes
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """A request's answer. ``calls`` is empty where there were none, or where ``refused`` says why none could be run."""

    before: Answers
    after: Answers
    calls: tuple[CallResult, ...]
    refused: str = ""
    stored: Mapping[Slot, int] = field(default_factory=dict)
    """Storage after the calls."""


def unsimulatable(calls: Sequence[Call]) -> str:
    """Why the calls cannot be simulated as calls of a plain account; empty where they can."""
    if any(call.to is None for call in calls):
        return "creating a contract cannot be simulated"
    if any(call.operation == Operation.DELEGATECALL for call in calls):
        return "a delegatecall cannot be simulated as a call of the account"
    return ""


def gas_limit(gas_used: int) -> int:
    """A gas limit for a call that used ``gas_used`` in a simulation.

    1.4 times: up to a fifth was refunded at the end and is needed on the way (EIP-3529), the rest is for what moves
    in between.
    """
    return -(-gas_used * _GAS_NUMERATOR // _GAS_DENOMINATOR)


async def simulate(
    chain: ChainClient,
    account: str,
    calls: Sequence[Call],
    *,
    before: Sequence[Probe],
    after: Sequence[Probe],
    block: BlockHeader,
    at: int,
    gas: int | None = None,
    slots: Sequence[Slot] = (),
) -> Simulation:
    """Run probes, calls, probes on top of ``block``, at ``at`` (Unix seconds) or one second after the block.

    ``gas``: the limit of a single call. Where the node refuses the calls (they cost more than the account has, say),
    the probes are asked once more without them. Raises ChainError where the node cannot be used.
    """
    refused = unsimulatable(calls)
    if calls and not refused:
        try:
            results = await _run(
                chain, account, calls, before=before, after=after, block=block, at=at, gas=gas, slots=slots
            )
        except RpcRefused as error:
            if error.code == -32601:
                raise
            refused = str(error)
        else:
            first, last = len(before), len(before) + len(calls)
            end = last + len(after)
            stored = {
                slot: int.from_bytes(result.returned, "big")
                for slot, result in zip(slots, results[end:], strict=True)
                if result.succeeded and len(result.returned) == 32
            }
            return Simulation(
                _answers(before, results[:first]), _answers(after, results[last:end]), results[first:last], "", stored
            )
    results = await _run(chain, account, (), before=before, after=(), block=block, at=at, gas=None)
    answers = _answers(before, results)
    return Simulation(answers, Answers({}), (), refused)


async def _run(
    chain: ChainClient,
    account: str,
    calls: Sequence[Call],
    *,
    before: Sequence[Probe],
    after: Sequence[Probe],
    block: BlockHeader,
    at: int,
    gas: int | None,
    slots: Sequence[Slot] = (),
) -> tuple[CallResult, ...]:
    written = [*map(_probe, before), *(_call(account, call, gas) for call in calls), *map(_probe, after)]
    time = max(at, block.timestamp + 1)
    seen = {"feeRecipient": block.coinbase, "prevRandao": block.prev_randao}
    states: list[dict[str, Any]] = [
        {
            "blockOverrides": {"number": hex(block.number + 1), "time": hex(time), **seen},
            "stateOverrides": READERS,
            "calls": written,
        }
    ]
    if slots:
        # One block on, each contract gives way to a reader of its storage: nothing that it says of itself is needed.
        reads = [{"from": ZERO_ADDRESS, "to": to, "data": slot, "gas": hex(PROBE_GAS)} for to, slot in slots]
        states.append(
            {
                "blockOverrides": {"number": hex(block.number + 2), "time": hex(time + 1)},
                "stateOverrides": {to: {"code": STORAGE_READER} for to, _ in slots},
                "calls": reads,
            }
        )
    payload = {"blockStateCalls": states, "traceTransfers": True, "validation": False}
    blocks = await chain.simulate(payload, block.hash)
    answered = [blocks[i].get("calls") if i < len(blocks) else None for i in range(len(states))]
    for state, answers in zip(states, answered, strict=True):
        if not isinstance(answers, list) or len(answers) != len(state["calls"]):
            raise ChainError("the node's simulation does not answer each call; try another endpoint")
    return tuple(_result(item) for answers in answered for item in answers or ())


def read_simulated(
    simulation: Simulation,
    account: str,
    *,
    balances: Mapping[str, Probe],
    allowances: Mapping[str, Probe],
    watch: frozenset[str],
    positions: frozenset[str],
    pools: Sequence[Probe],
) -> Simulated:
    """What the calls would do. ``balances`` by asset, ``allowances`` by ``token:spender``: probed before and after.

    Where an asset was probed its balance decides: more that left than the logs say is an outflow, and inflows are
    what the change and the outflows make them. Of other tokens the logs are all there is.
    """
    failed = next((number for number, call in enumerate(simulation.calls) if not call.succeeded), None)
    gas_used = tuple(call.gas_used for call in simulation.calls)
    if simulation.refused:
        return Simulated(succeeded=False, failure=simulation.refused)
    if failed is not None:
        reason = decode_revert(simulation.calls[failed].returned)
        return Simulated(succeeded=False, failure=reason, failed_call=failed, gas_used=gas_used)
    moved = movements(
        (log for call in simulation.calls for log in call.logs), account, watch=watch, positions=positions
    )
    for asset, probe in balances.items():
        was, became = simulation.before.number(probe), simulation.after.number(probe)
        if asset in positions:
            continue
        if was is None or became is None:
            return Simulated(succeeded=False, failure=f"the balance of {asset} cannot be read", gas_used=gas_used)
        _hold_against_balance(moved, asset, became - was)
    for pair, probe in allowances.items():
        left = simulation.after.number(probe)
        if left is None:
            return Simulated(succeeded=False, failure=f"the allowance {pair} cannot be read", gas_used=gas_used)
        moved.allowances[pair] = left
    factors = [simulation.after.health_factor(pool) for pool in pools]
    known = [factor for factor in factors if factor is not None]
    return Simulated(
        succeeded=True,
        by="eth_simulateV1",
        handed_over=moved.handed_over,
        gas_used=gas_used,
        outflows=_positive(moved.outflows),
        inflows=_positive(moved.inflows),
        recipients=_positive(moved.recipients),
        allowances=moved.allowances,
        positions=tuple(sorted(positions)),
        health_factor_after=min(known) if known and len(known) == len(factors) else None,
    )


def _hold_against_balance(moved: Movements, asset: str, change: int) -> None:
    moved.outflows[asset] = max(moved.outflows[asset], -change)
    moved.inflows[asset] = max(0, change + moved.outflows[asset])


def _positive(amounts: Mapping[str, int]) -> dict[str, int]:
    return {key: amount for key, amount in sorted(amounts.items()) if amount > 0}


def _probe(probe: Probe) -> dict[str, str]:
    return {"from": ZERO_ADDRESS, "to": probe.to, "data": to_hex(probe.data), "gas": hex(PROBE_GAS)}


def _call(account: str, call: Call, gas: int | None) -> dict[str, str]:
    assert call.to is not None
    fields = {"from": account, "to": call.to, "value": hex(call.value), "data": to_hex(call.data)}
    return fields if gas is None else fields | {"gas": hex(gas)}


def _answers(asked: Sequence[Probe], results: Sequence[CallResult]) -> Answers:
    return Answers({probe: result.returned for probe, result in zip(asked, results, strict=True) if result.succeeded})


def _result(answered: Any) -> CallResult:
    try:
        return CallResult(
            succeeded=int(answered["status"], 16) == 1,
            gas_used=int(answered["gasUsed"], 16),
            returned=parse_hex(answered["returnData"]),
            logs=tuple(Log.parse(log) for log in answered["logs"]),
        )
    except (KeyError, TypeError, ValueError, InvalidValue) as error:
        raise ChainError(f"the node's simulation cannot be used ({error}); try another endpoint") from error
