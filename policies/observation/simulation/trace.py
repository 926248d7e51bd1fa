"""debug_traceCall, a call at a time: what each changes is carried into the next one's state, and probes are eth_call.

Sources: geth's documentation of debug_traceCall, callTracer (withLog) and prestateTracer (diffMode); reth and anvil
answer alike. A trace tells which storage was written, which eth_simulateV1 does not; and the base fee is the head's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ....wallets.call import Call
from ....wallets.chain import ChainClient, Log
from ....wallets.chain.values import block_parameter, quantity
from ....wallets.errors import ChainError, InvalidValue, RpcRefused
from ....wallets.values import ZERO_ADDRESS, parse_hex, to_hex
from ..actual import native_transfer
from ..reads.accounts import Slot
from ..reads.probes import READERS, STORAGE_READER, Answers, Probe
from .simulation import CODE, PROBE_GAS, CallResult, Request, Simulation

METHOD = "debug_traceCall"
_TRACERS: tuple[dict[str, Any], ...] = (
    {"tracer": "callTracer", "tracerConfig": {"withLog": True}},
    {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}},
)
_MOVING_VALUE = frozenset({"CALL", "CREATE", "CREATE2", "SELFDESTRUCT"})
_EMPTY_SLOT = "0x" + "0" * 64


async def trace(chain: ChainClient, request: Request) -> Simulation:
    """The simulation by traces. Raises RpcRefused for the node's error, ChainError where it cannot be used."""
    seen = request.conditions
    at_first = World.of(request)
    world = World.of(request)
    results = []
    for call, gas in zip(request.calls, seen.gas, strict=True):
        fields = _written(request, call, gas)
        options = {"blockOverrides": _block(request), "stateOverrides": world.overrides()}
        at = block_parameter(request.block.hash)
        answers = await chain.batch([(METHOD, [fields, at, tracer | options]) for tracer in _TRACERS])
        for answer in answers:
            if isinstance(answer, RpcRefused):
                raise answer
        results.append(_result(answers[0]))
        world.carry(answers[1])
    before, after, stored = await asyncio.gather(
        ask(chain, request, request.before, at_first),
        ask(chain, request, request.after, world),
        _stored(chain, request, world),
    )
    return Simulation(
        before=before,
        after=after,
        calls=tuple(results),
        stored=stored,
        by=METHOD,
        paid=seen.gas_price * sum(result.gas_used for result in results),
        changed=world.changed(),
    )


class World:
    """What a chain's state is changed to, as JSON-RPC takes it: balance, nonce, code and slots by address."""

    def __init__(self, accounts: Mapping[str, dict[str, Any]]) -> None:
        self._accounts = {address: dict(fields) for address, fields in accounts.items()}
        self._written: set[Slot] = set()

    @classmethod
    def of(cls, request: Request) -> World:
        """The state before the calls."""
        balance = request.conditions.balance
        return cls({} if balance is None else {request.account: {"balance": hex(balance)}})

    def overrides(self, readers: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
        """All of it, with the contracts that answer probes, and with readers of storage in place of ``readers``."""
        found: dict[str, dict[str, Any]] = {**READERS, **self._accounts}
        return found | {address: {**found.get(address, {}), "code": STORAGE_READER} for address in readers}

    def carry(self, diff: Any) -> None:
        """Take over what a prestateTracer in diffMode says that a call changed. Raises ChainError where it is none."""
        try:
            post = {address.lower(): fields for address, fields in diff["post"].items()}
            pre = {address.lower(): fields for address, fields in diff["pre"].items()}
            for address, fields in post.items():
                self._change(address, fields, fields.get("storage", {}))
            for address, fields in pre.items():
                left = post.get(address, {}).get("storage", {})
                self._change(address, {}, {slot: _EMPTY_SLOT for slot in fields.get("storage", {}) if slot not in left})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ChainError(f"the node's trace cannot be used ({error}); try another endpoint") from error

    def changed(self) -> frozenset[Slot]:
        """Every slot that was written, and ``CODE`` where code was."""
        return frozenset(self._written)

    def _change(self, address: str, fields: Mapping[str, Any], storage: Mapping[str, str]) -> None:
        account = self._accounts.setdefault(address, {})
        for name in ("balance", "code"):
            if name in fields:
                account[name] = fields[name]
        if "code" in fields:
            self._written.add((address, CODE))
        if "nonce" in fields:
            nonce = fields["nonce"]
            account["nonce"] = hex(nonce) if isinstance(nonce, int) else nonce
        if storage:
            account["stateDiff"] = {**account.get("stateDiff", {}), **storage}
            self._written |= {(address, slot) for slot in storage}


async def ask(chain: ChainClient, request: Request, probes: Sequence[Probe], world: World) -> Answers:
    """What ``probes`` answer in ``world``, all in one round trip; one that reverts has no answer."""
    if not probes:
        return Answers({})
    overrides = world.overrides()
    asked = [_probe(request, probe.to, to_hex(probe.data), overrides) for probe in probes]
    found = zip(probes, await chain.batch(asked), strict=True)
    return Answers({probe: parse_hex(text) for probe, text in found if isinstance(text, str)})


async def _stored(chain: ChainClient, request: Request, world: World) -> dict[Slot, int]:
    if not request.slots:
        return {}
    overrides = world.overrides(address for address, _ in request.slots)
    found = await chain.batch([_probe(request, to, slot, overrides) for to, slot in request.slots])
    return {slot: int(text, 16) for slot, text in zip(request.slots, found, strict=True) if isinstance(text, str)}


def _probe(request: Request, to: str, data: str, overrides: dict[str, Any]) -> tuple[str, list[Any]]:
    fields = {"from": ZERO_ADDRESS, "to": to, "data": data, "gas": hex(PROBE_GAS)}
    return "eth_call", [fields, block_parameter(request.block.hash), overrides, _block(request)]


def _block(request: Request) -> dict[str, str]:
    seen = request.conditions
    return {
        "number": hex(request.block.number + 1),
        "time": hex(seen.time),
        "feeRecipient": seen.coinbase,
        "prevRandao": seen.prev_randao,
    }


def _written(request: Request, call: Call, gas: int | None) -> dict[str, str]:
    assert call.to is not None
    fields = {"from": request.account, "to": call.to, "value": hex(call.value), "data": to_hex(call.data)}
    if gas is not None:
        fields["gas"] = hex(gas)
    if request.conditions.gas_price:
        fields["gasPrice"] = hex(request.conditions.gas_price)
    return fields


def _result(frame: Any) -> CallResult:
    try:
        succeeded = "error" not in frame
        return CallResult(
            succeeded=succeeded,
            gas_used=quantity(frame["gasUsed"]),
            returned=parse_hex(frame.get("output") or "0x"),
            logs=tuple(_logs(frame)) if succeeded else (),
        )
    except (AttributeError, KeyError, TypeError, ValueError, InvalidValue) as error:
        raise ChainError(f"the node's trace cannot be used ({error}); try another endpoint") from error


def _logs(frame: Mapping[str, Any]) -> Iterator[Log]:
    """The logs of a frame and of those that it calls, in order, with native coin that moves; none of what reverted."""
    if "error" in frame:
        return
    value = int(frame.get("value") or "0x0", 16)
    if value and frame["type"] in _MOVING_VALUE:
        yield native_transfer(frame["from"], frame.get("to") or ZERO_ADDRESS, value)
    calls = frame.get("calls") or ()
    logs = sorted(frame.get("logs") or (), key=_position)
    told = 0
    for number, call in enumerate(calls):
        while told < len(logs) and _position(logs[told]) <= number:
            yield Log.parse(logs[told])
            told += 1
        yield from _logs(call)
    for log in logs[told:]:
        yield Log.parse(log)


def _position(log: Mapping[str, Any]) -> int:
    """How many calls a frame had made when it logged."""
    return int(log.get("position") or "0x0", 16)
