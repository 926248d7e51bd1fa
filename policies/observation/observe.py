"""observe: everything that a judgement needs of a chain, at one block, as Facts.

One round trip: the newest header, one eth_simulateV1 with every read in it, and two storage reads for each contract
called (EVM code cannot read another contract's storage), all at the block that was last seen as the newest. Once more
where it no longer is; and one more where a proxy was found whose implementation the book does not pin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from eth_utils.crypto import keccak

from ...wallets.chain import BlockHeader, ChainClient, FeeQuote
from ...wallets.values import to_hex
from ..book.book import Book
from ..facts import Facts, Fees, Simulated, Spent
from ..proposal import Proposal
from .prices.pools import seconds_since
from .reads.accounts import PROXY_SLOT, SafeReads, Slot, told_accounts
from .reads.allowances import standing
from .reads.probes import Answers, Probe
from .reads.reads import Reads, reads_of
from .reads.round_trip import HeadMoved, RoundTrip
from .simulation.second_look import look_again, without_pin
from .simulation.simulate import gas_limit, simulate
from .simulation.simulated import read_simulated, worse_of
from .simulation.simulation import Simulation
from .simulation.writes import Ours, unexplained

IMPLEMENTATION_SLOTS = (
    PROXY_SLOT,
    "0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3",
)
"""EIP-1967, and that of OpenZeppelin's first proxies (keccak-256 of org.zeppelinos.proxy.implementation), as USDC."""
_NO_ACCOUNT = "0x" + "0" * 64
_EMPTY_CODE = to_hex(keccak(b""))


async def observe(
    chain: ChainClient,
    book: Book,
    proposal: Proposal,
    *,
    at: datetime,
    spent: Sequence[Spent] = (),
    stopped: bool = False,
    fees: Fees | None = None,
    quote: FeeQuote | None = None,
) -> Facts:
    """The facts of ``proposal`` on the newest block. ``at``: the guard's clock; ``spent``, ``stopped``: its own state.

    ``fees`` where the gas limit is settled; with ``quote`` instead, the gas limits come from this simulation. A
    sequence of calls is simulated as a whole. Raises ChainError where the chain cannot be read: nothing may be judged
    then.
    """
    clock = int(at.timestamp())
    gas = fees.gas_limit if fees is not None and len(proposal.calls) == 1 else None
    header, reads, simulation, stored = await _read(chain, book, proposal, clock, gas)
    answers = simulation.before
    implementations = _behind_proxies(reads, answers, stored)
    code_hashes = _hashes(answers, reads.code)
    code_hashes |= await _code_hashes(chain, set(implementations.values()) - code_hashes.keys(), header)
    portfolio = reads.portfolio.told_by(answers, header, clock)
    simulated = _simulated(simulation, proposal, reads, book)
    unpinned = without_pin(book, proposal.chain_id, reads.targets, code_hashes)
    if simulated is not None and simulated.succeeded and unpinned:
        again = await look_again(chain, simulation, proposal.expires_at)
        simulated = _worse(simulated, again, proposal, reads, book)
    return Facts(
        at=at,
        stopped=stopped,
        block=portfolio.block,
        prices=portfolio.prices,
        unpriced=portfolio.unpriced,
        oracle_gaps_bps=portfolio.oracle_gaps_bps,
        balances=portfolio.balances,
        allowances=standing(reads.allowances, answers, max(clock, header.timestamp + 1)),
        total_supplies=answers.numbers(reads.supplies),
        code_hashes=code_hashes,
        implementations=implementations,
        contract_accounts=told_accounts(reads.accounts, answers, stored),
        ens=reads.names.told_by(answers),
        simulation=simulated,
        fees=fees or worst_fees(simulated, quote),
        spent=tuple(spent),
        portfolio_usd=portfolio.usd,
    )


async def _read(
    chain: ChainClient, book: Book, proposal: Proposal, clock: int, gas: int | None
) -> tuple[BlockHeader, Reads, Simulation, Mapping[Slot, int]]:
    """Everything at one block: the one last seen where it still is the newest, else the newest."""
    remembered = chain.newest
    header = remembered or await chain.block()
    while True:
        reads = reads_of(book, proposal, seconds_since(header.timestamp, clock))
        own = tuple(slot for account in reads.accounts.values() for slot in account.slots)
        slots = dict.fromkeys([(at, slot) for at in reads.contracts for slot in IMPLEMENTATION_SLOTS] + list(own))
        trip = RoundTrip(chain, header, tuple(slots), just_read=header is not remembered)
        try:
            simulation = await simulate(
                chain,
                proposal.account,
                proposal.calls,
                before=reads.before,
                after=reads.after,
                block=header,
                at=clock,
                gas=gas,
                slots=own,
                watch=reads.watch,
                ask=trip.simulate,
            )
            return header, reads, simulation, await trip.stored()
        except HeadMoved as moved:
            header = moved.newest


def _hashes(answers: Answers, asked: dict[str, Probe]) -> dict[str, str]:
    found = {address: answers.hash(probe) for address, probe in asked.items()}
    # Where nothing was ever there EXTCODEHASH is zero (EIP-1052); the code found is the empty one all the same.
    return {
        address: _EMPTY_CODE if text == _NO_ACCOUNT else text for address, text in found.items() if text is not None
    }


def _behind_proxies(reads: Reads, answers: Answers, stored: Mapping[Slot, int]) -> dict[str, str]:
    """The contract behind each proxy, by the slots that proxies publish; behind an account what it runs."""
    behind: dict[str, str] = {}
    for contract in reads.contracts:
        for slot in IMPLEMENTATION_SLOTS:
            if stored.get((contract, slot)):
                behind.setdefault(contract, f"0x{stored[contract, slot] % 2**160:040x}")
    return behind | _behind_accounts(reads, answers, stored)


def _behind_accounts(reads: Reads, answers: Answers, stored: Mapping[Slot, int]) -> dict[str, str]:
    found = {address: account.singleton(answers, stored) for address, account in reads.accounts.items()}
    return {address: singleton for address, singleton in found.items() if singleton is not None}


async def _code_hashes(chain: ChainClient, implementations: Iterable[str], header: BlockHeader) -> dict[str, str]:
    addresses = sorted(set(implementations))
    codes = await asyncio.gather(*(chain.code(address, header.hash) for address in addresses))
    return {address: to_hex(keccak(code)) for address, code in zip(addresses, codes, strict=True)}


def _simulated(simulation: Simulation, proposal: Proposal, reads: Reads, book: Book) -> Simulated | None:
    if not proposal.calls:
        return None
    if proposal.authorizations:
        return Simulated(succeeded=False, failure="an account whose code changes cannot be simulated")
    positions = (simulation.before.position_tokens(reserve) for reserve in reads.reserves)
    wrapped = book.wrapped_native(proposal.chain_id)
    simulated = read_simulated(
        simulation,
        proposal.account,
        balances=reads.portfolio.balances,
        allowances=reads.allowances,
        watch=reads.watch,
        positions=frozenset().union(*positions),
        pools=reads.portfolio.pools,
        wrapped_native=frozenset() if wrapped is None else frozenset({wrapped.address}),
    )
    if not simulated.succeeded or not reads.accounts:
        return simulated
    after = told_accounts(reads.accounts, simulation.after, simulation.stored)
    behind = _behind_accounts(reads, simulation.after, simulation.stored)
    return simulated.model_copy(update={"contract_accounts": after, "implementations": behind})


def _worse(first: Simulated, again: Simulation, proposal: Proposal, reads: Reads, book: Book) -> Simulated:
    second = _simulated(again, proposal, reads, book)
    assert second is not None
    worse = worse_of(first, second)
    if not worse.succeeded or again.changed is None:
        return worse
    accounts = book.section("accounts", proposal.chain_id).values()
    ours = Ours(
        account=proposal.account,
        accounts=frozenset({*accounts, *reads.accounts}),
        safes=frozenset(address for address, account in reads.accounts.items() if isinstance(account, SafeReads)),
        tokens=frozenset(token.address for token in book.tokens(proposal.chain_id)),
        allowances=frozenset(reads.allowances),
    )
    logs = (log for call in again.calls for log in call.logs)
    return worse.model_copy(update={"unexplained": unexplained(again.changed, logs, ours)})


def worst_fees(simulated: Simulated | None, quote: FeeQuote | None) -> Fees | None:
    """What the simulated calls may cost at most; None where that is not known."""
    if simulated is None or quote is None or not simulated.succeeded:
        return None
    return Fees(gas_limit=sum(map(gas_limit, simulated.gas_used)), max_fee_per_gas=quote.max_fee_per_gas)
