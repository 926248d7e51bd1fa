"""pyrevm: an EVM of our own that reads the chain's state from the node, for nodes that simulate nothing.

Source: pyrevm 0.3 (Paradigm's revm). It is an optional dependency (the extra `simulation`), imported here alone. It
takes no fee and shows the calls a base fee of zero. All calls run as one transaction, in which what was read once
costs less: gas of later calls is an upper bound. It holds Python's lock while it waits for the node, so it runs in a
process of its own, which ends with the simulation: a guard must hear `stop` at any time.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from ....wallets.chain import ChainClient, Log
from ....wallets.errors import ChainError, RpcRefused
from ....wallets.values import ZERO_ADDRESS
from ..actual import native_transfer
from ..reads.probes import READERS, Answers, Probe
from .simulation import PROBE_GAS, CallResult, Request, Simulation
from .trace import World, ask

METHOD = "pyrevm"
TIMEOUT_SECONDS = 60.0
"""A fork asks the node for each slot that the calls read, one after the other."""
_HARDFORK = "PRAGUE"
_BLOCK_GAS = 30_000_000
_INTRINSIC_GAS = 21_000
_FAILED = re.compile(r"^(?:Revert|Halt) \{.*?gas_used: (\d+)(?:, output: (0x[0-9a-f]*))?", re.DOTALL)


class NotInstalled(ChainError):
    """The extra that brings pyrevm is not installed."""


async def fork(chain: ChainClient, request: Request) -> Simulation:
    """The simulation in this process. Raises NotInstalled, RpcRefused where a call cannot even begin, ChainError."""
    try:
        import pyrevm  # noqa: F401 - is it there?
    except ImportError as error:
        raise NotInstalled("pyrevm is not installed: pip install 'treasurer[simulation]'") from error
    before = await ask(chain, request, request.before, World.of(request))
    found = await _in_a_process(chain.fork_url, request)
    if isinstance(found, ChainError):
        raise found
    return replace(found, before=before)


async def _in_a_process(url: str, request: Request) -> Simulation | ChainError:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_simulate, args=(theirs, url, request), daemon=True)
    process.start()
    theirs.close()
    try:
        if not await asyncio.to_thread(ours.poll, TIMEOUT_SECONDS):
            return ChainError(f"pyrevm did not finish in {TIMEOUT_SECONDS:.0f} s; try another endpoint")
        found = ours.recv()
    except EOFError:
        return ChainError("pyrevm's process ended without an answer; try another endpoint")
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()
        ours.close()
    assert isinstance(found, Simulation | ChainError)
    return found


def _simulate(answer: Connection, url: str, request: Request) -> None:
    """What the process does. An error goes over as an answer."""
    import pyrevm

    try:
        found: Simulation | ChainError = _Fork(pyrevm, url, request).run()
    except ChainError as error:
        found = error
    answer.send(found)
    answer.close()


class _Fork:
    def __init__(self, pyrevm: Any, url: str, request: Request) -> None:
        self._pyrevm, self._request = pyrevm, request
        seen, block = request.conditions, request.block
        try:
            self._evm = pyrevm.EVM(fork_url=url, fork_block=block.hash, spec_id=_HARDFORK)
        except RuntimeError as error:
            raise self._unreadable(error) from None
        # A fork brings no block environment along: without this the block is number 0.
        self._evm.set_block_env(
            pyrevm.BlockEnv(
                number=block.number + 1,
                coinbase=seen.coinbase,
                timestamp=seen.time,
                prevrandao=bytes.fromhex(seen.prev_randao[2:]),
                basefee=block.base_fee,
                gas_limit=block.gas_limit or _BLOCK_GAS,
            )
        )

    def run(self) -> Simulation:
        """The simulation without what was before. Raises ChainError, RpcRefused where a call cannot begin."""
        try:
            return self._run()
        except RuntimeError as error:
            raise self._unreadable(error) from None

    def _run(self) -> Simulation:
        request, evm = self._request, self._evm
        for address, fields in READERS.items():
            evm.insert_account_info(address, self._pyrevm.AccountInfo(code=bytes.fromhex(fields["code"][2:])))
        if request.conditions.balance is not None:
            evm.set_balance(request.account, request.conditions.balance)
        results: list[CallResult] = []
        cheaper = 0
        for number in range(len(request.calls)):
            result, spent = self._call(number, cheaper)
            results.append(result)
            cheaper += max(0, spent - _INTRINSIC_GAS)
        after = {probe: answer for probe in request.after if (answer := self._probe(probe)) is not None}
        for address in {address for address, _ in request.slots}:
            evm.basic(address)
        return Simulation(
            before=Answers({}),
            after=Answers(after),
            calls=tuple(results),
            stored={(address, slot): evm.storage(address, int(slot, 16)) for address, slot in request.slots},
            by=METHOD,
        )

    def _call(self, number: int, cheaper: int) -> tuple[CallResult, int]:
        """A call's result, and the gas that it spent. ``cheaper``: by how much earlier calls may have made it so."""
        request, evm, call = self._request, self._evm, self._request.calls[number]
        limit = request.conditions.gas[number] or request.block.gas_limit or _BLOCK_GAS
        held = self._held()
        try:
            returned = evm.message_call(
                caller=request.account,
                to=call.to,
                calldata=call.data,
                value=call.value,
                gas=limit,
                gas_price=request.conditions.gas_price,
            )
        except RuntimeError as error:
            failed = _FAILED.match(str(error))
            if failed is None:
                raise self._refusal(error) from None
            # The bytes of a revert are nowhere but in these words.
            output = bytes.fromhex((failed[2] or "0x")[2:])
            spent = int(failed[1])
            return CallResult(False, min(limit, spent + cheaper), output, ()), spent
        logs = tuple(_log(log) for log in evm.result.logs)
        spent = evm.result.gas_used
        moved = self._native(call.to or ZERO_ADDRESS, call.value, held)
        return CallResult(True, spent + cheaper, bytes(returned), (*moved, *logs)), spent + evm.result.gas_refunded

    def _held(self) -> dict[str, int]:
        return {address: self._evm.get_balance(address) for address in (self._request.account, *self._request.watch)}

    def _native(self, to: str, value: int, held: Mapping[str, int]) -> list[Log]:
        """Native coin that moved: what the call sends, and what balances say of the rest."""
        account = self._request.account
        moved = [native_transfer(account, to, value)] if value and to != account else []
        for address, before in held.items():
            change = self._evm.get_balance(address) - before
            if value and to != account:
                change += value if address == account else -value if address == to else 0
            if change > 0:
                moved.append(native_transfer(ZERO_ADDRESS, address, change))
            elif change < 0 and address == account:
                moved.append(native_transfer(address, ZERO_ADDRESS, -change))
        return moved

    def _probe(self, probe: Probe) -> bytes | None:
        try:
            return bytes(
                self._evm.message_call(
                    caller=ZERO_ADDRESS, to=probe.to, calldata=probe.data, gas=PROBE_GAS, is_static=True
                )
            )
        except RuntimeError as error:
            if _FAILED.match(str(error)) is None:
                raise
            return None

    def _refusal(self, error: RuntimeError) -> RpcRefused:
        return RpcRefused(f"the calls cannot begin: {error!s:.200}")

    def _unreadable(self, error: RuntimeError) -> ChainError:
        # The words may hold the whole URL, and with it a key: they are not shown.
        kind = "its state cannot be read" if "http" in str(error).lower() else f"{error!s:.120}"
        return ChainError(f"pyrevm cannot simulate on chain {self._request.block.number}: {kind}; try another endpoint")


def _log(log: Any) -> Log:
    topics, data = log.data
    return Log(log.address.lower(), tuple("0x" + bytes(topic).hex() for topic in topics), bytes(data))
