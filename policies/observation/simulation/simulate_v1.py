"""eth_simulateV1: probes before, the calls, probes after, all in one request and in the next block.

Source: ethereum/execution-apis, eth_simulateV1. Without a gas price gas is free in it, so balances change by what the
calls move alone. Base fee and gas price are then zero for the calls, which a contract can see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from ....wallets.call import Call
from ....wallets.chain import Log
from ....wallets.errors import ChainError, InvalidValue
from ....wallets.values import ZERO_ADDRESS, parse_hex, to_hex
from ..reads.accounts import Slot
from ..reads.gathered import OVERRIDE, gather, gathered
from ..reads.probes import READERS, STORAGE_READER, Answers, Probe
from .simulation import CallResult, Request, Simulation

METHOD = "eth_simulateV1"
_READERS_WEALTH = 2**128
"""Pays the gas of the probes where gas has a price: a zero address is nobody's account."""


Ask = Callable[[dict[str, Any], str], Awaitable[list[dict[str, Any]]]]
"""Sends the payload of eth_simulateV1 on top of a block's hash, and returns the blocks of the answer."""


async def simulate_v1(ask: Ask, request: Request) -> Simulation:
    """The simulation by one request. Raises RpcRefused for the node's error, ChainError where it cannot be used."""
    states = _states(request)
    priced = request.conditions.gas_price > 0
    payload = {"blockStateCalls": states, "traceTransfers": True, "validation": priced}
    blocks = await ask(payload, request.block.hash)
    answered = [blocks[i].get("calls") if i < len(blocks) else None for i in range(len(states))]
    for state, answers in zip(states, answered, strict=True):
        if not isinstance(answers, list) or len(answers) != len(state["calls"]):
            raise ChainError("the node's simulation does not answer each call; try another endpoint")
    results = iter([_result(item) for answers in answered for item in answers or ()])
    before = _answers(request.before, results)
    calls = tuple(islice(results, len(request.calls)))
    after = _answers(request.after, results)
    words = _answers([_slot_probe(slot) for slot in request.slots], results)
    stored = {slot: words.number(_slot_probe(slot)) for slot in request.slots}
    return Simulation(
        before=before,
        after=after,
        calls=calls,
        stored={slot: word for slot, word in stored.items() if word is not None},
        by=METHOD,
        paid=request.conditions.gas_price * sum(call.gas_used for call in calls),
    )


def _states(request: Request) -> list[dict[str, Any]]:
    seen, block = request.conditions, request.block
    price = {"gasPrice": hex(seen.gas_price)} if seen.gas_price else {}
    overrides: dict[str, Any] = READERS | OVERRIDE
    fields = {"feeRecipient": seen.coinbase, "prevRandao": seen.prev_randao}
    if seen.gas_price:
        fields["baseFeePerGas"] = hex(block.base_fee)
        overrides[ZERO_ADDRESS] = {"balance": hex(_READERS_WEALTH)}
    if seen.balance is not None:
        overrides[request.account] = {"balance": hex(seen.balance)}
    calls = (_call(request.account, call, gas) for call, gas in zip(request.calls, seen.gas, strict=True))
    written = [*gather(request.before, block.gas_limit), *calls, *gather(request.after, block.gas_limit)]
    states: list[dict[str, Any]] = [
        {
            "blockOverrides": {"number": hex(block.number + 1), "time": hex(seen.time), **fields},
            "stateOverrides": overrides,
            "calls": [call | price for call in written],
        }
    ]
    if request.slots:
        # One block on, each contract gives way to a reader of its storage: nothing that it says of itself is needed.
        reads = [call | price for call in gather([_slot_probe(slot) for slot in request.slots], block.gas_limit)]
        later = {"number": hex(block.number + 2), "time": hex(seen.time + 1)}
        if seen.gas_price:
            later["baseFeePerGas"] = hex(block.base_fee)
        readers = {to: {"code": STORAGE_READER} for to, _ in request.slots}
        states.append({"blockOverrides": later, "stateOverrides": readers, "calls": reads})
    return states


def _answers(asked: Sequence[Probe], results: Iterator[CallResult]) -> Answers:
    """What ``asked`` answered by the one call of ``results`` that gathers them."""
    if not asked:
        return Answers({})
    result = next(results)
    return gathered(asked, result.returned if result.succeeded else b"")


def _slot_probe(slot: Slot) -> Probe:
    contract, where = slot
    return Probe(contract, bytes.fromhex(where[2:]))


def _call(account: str, call: Call, gas: int | None) -> dict[str, str]:
    assert call.to is not None
    fields = {"from": account, "to": call.to, "value": hex(call.value), "data": to_hex(call.data)}
    return fields if gas is None else fields | {"gas": hex(gas)}


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
