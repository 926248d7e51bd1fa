"""simulate: what the calls would do on top of a block, by the first of three simulators that the endpoint serves.

eth_simulateV1; where a node does not have it, debug_traceCall call by call; where that is missing too, pyrevm in this
process. An endpoint that said once that it lacks a method is not asked for it again (wallets.chain).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal

from ....wallets.call import Call, Operation
from ....wallets.chain import BlockHeader, ChainClient
from ....wallets.chain.endpoint import METHOD_NOT_FOUND
from ....wallets.errors import RpcRefused
from ..reads.accounts import Slot
from ..reads.probes import Probe
from .fork import NotInstalled, fork
from .simulate_v1 import Ask, simulate_v1
from .simulation import Conditions, Request, Simulation
from .trace import trace

Simulator = Literal["eth_simulateV1", "debug_traceCall", "pyrevm"]
ORDER: tuple[Simulator, ...] = ("eth_simulateV1", "debug_traceCall", "pyrevm")
UNSERVED = (
    "no endpoint has eth_simulateV1 or debug_traceCall, and pyrevm is not installed: add an endpoint that has one to "
    "[chain] rpc, or install treasurer[simulation]"
)
_GAS_NUMERATOR, _GAS_DENOMINATOR = 7, 5


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
    watch: frozenset[str] = frozenset(),
    ask: Ask | None = None,
) -> Simulation:
    """Run probes, calls, probes on top of ``block``, at ``at`` (Unix seconds) or one second after the block.

    ``gas``: the limit of a single call. ``ask``: what sends eth_simulateV1, the chain itself where it is None. Where
    the node refuses the calls (they cost more than the account has, say), or nothing can simulate them, the probes are
    asked without them. Raises ChainError where the chain cannot be read.
    """
    request = Request(
        account=account,
        calls=tuple(calls),
        before=tuple(before),
        after=tuple(after),
        slots=tuple(slots),
        watch=watch,
        block=block,
        conditions=Conditions(
            time=max(at, block.timestamp + 1),
            coinbase=block.coinbase,
            prev_randao=block.prev_randao,
            gas=(gas,) * len(calls),
        ),
    )
    refused = unsimulatable(calls)
    if refused:
        return replace(await run(chain, request.without_calls(), ask=ask), refused=refused)
    return await run(chain, request, ask=ask)


async def run(
    chain: ChainClient,
    request: Request,
    order: Sequence[Simulator] = ORDER,
    *,
    ask: Ask | None = None,
    otherwise: str = UNSERVED,
) -> Simulation:
    """The answer of the first simulator in ``order`` that there is; ``refused`` is ``otherwise`` where there is none.

    ``ask``: what sends eth_simulateV1; the chain itself where it is None.
    """
    simulators: dict[Simulator, Callable[[Request], Awaitable[Simulation]]] = {
        "eth_simulateV1": lambda asked: simulate_v1(ask or chain.simulate, asked),
        "debug_traceCall": lambda asked: trace(chain, asked),
        "pyrevm": lambda asked: fork(chain, asked),
    }
    for name in order:
        try:
            return replace(await simulators[name](request), request=request)
        except NotInstalled:
            continue
        except RpcRefused as error:
            if error.code == METHOD_NOT_FOUND:
                continue
            if not request.calls:
                raise
            return replace(await simulators[name](request.without_calls()), refused=str(error), request=request)
    # Without calls a trace is nothing but eth_call, which every node has.
    return replace(await trace(chain, request.without_calls()), refused=otherwise if request.calls else "")
