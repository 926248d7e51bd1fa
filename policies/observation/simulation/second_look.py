"""second_look: targets whose code the book does not pin are simulated twice, the second time as if it were real.

A contract can tell a simulation by what it sees: no gas price, no base fee, no miner, a block right after the last.
The second look has all of them, other ones than the first, and a later clock; and where the node has debug_traceCall,
it tells which storage was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from eth_utils.crypto import keccak

from ....wallets.chain import ChainClient
from ....wallets.values import parse_hex, to_hex
from ...book.book import Book
from ..reads.probes import native_balance
from .simulate import Simulator, gas_limit, run
from .simulation import Conditions, Request, Simulation

ORDER: tuple[Simulator, ...] = ("debug_traceCall", "eth_simulateV1")
"""A trace shows the calls the head's base fee, and tells what they write. pyrevm shows no base fee: it looks once."""
NOT_REAL = (
    "the book does not pin the code that is called, and no endpoint can simulate it as if it were real: pin it "
    "(treasurer registry pin), or add an endpoint that has debug_traceCall or eth_simulateV1 to [chain] rpc"
)
LATER_SECONDS = 60
"""About what passes between a judgement and its inclusion."""
TIP_WEI = 10**9
"""On top of twice the base fee: what a transaction usually offers (wallets.chain.fees)."""
NO_CODE = to_hex(keccak(b""))


def without_pin(book: Book, chain_id: int, targets: Sequence[str], code_hashes: Mapping[str, str]) -> tuple[str, ...]:
    """Those of ``targets`` that have code, which the book does not pin. Code that was not read counts as code."""
    return tuple(
        target
        for target in targets
        if code_hashes.get(target) != NO_CODE
        and not any(
            entry is not None and entry.code_hash is not None
            for entry in (book.venue(target, chain_id), book.token(target, chain_id))
        )
    )


async def look_again(chain: ChainClient, first: Simulation, until: datetime) -> Simulation:
    """The same calls under other conditions, before ``until``; refused where no endpoint can do that.

    Raises ChainError where the chain cannot be read.
    """
    request = first.request
    assert request is not None
    other = replace(request, conditions=other_conditions(request, first, until))
    return await run(chain, other, ORDER, otherwise=NOT_REAL)


def other_conditions(request: Request, first: Simulation, until: datetime) -> Conditions:
    """What the calls may see when they are included: gas at a price, another miner and randomness, a later clock.

    The account gets what gas costs on top, so that its balance is what it will be.
    """
    seen, block = request.conditions, request.block
    gas = tuple(limit or gas_limit(result.gas_used) for limit, result in zip(seen.gas, first.calls, strict=True))
    price = 2 * block.base_fee + TIP_WEI
    held = first.before.number(native_balance(request.account)) or 0
    other = keccak(parse_hex(block.hash) + parse_hex(seen.prev_randao))
    left = int(until.timestamp()) - seen.time
    return Conditions(
        time=seen.time + max(0, min(LATER_SECONDS, left)),
        coinbase=to_hex(other[:20]),
        prev_randao=to_hex(keccak(other)),
        gas=gas,
        gas_price=price,
        balance=held + price * sum(gas),
    )
