"""observe: everything that a judgement needs of a chain, at one block, as Facts.

One eth_getBlockByNumber, one eth_simulateV1 on top of that block with every read in it, and beside it two storage
reads for each contract called (EVM code cannot read another contract's storage); one more round where a proxy was
found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from eth_utils.crypto import keccak

from ...wallets.chain import BlockHeader, ChainClient, FeeQuote
from ...wallets.chain.values import block_parameter
from ...wallets.errors import RpcRefused
from ...wallets.values import parse_hex, to_hex
from ..facts import Facts, Fees, Simulated, Spent
from ..language.book import Book
from ..proposal import Proposal
from .accounts import ACCOUNT_SLOTS, Slot, account_slots, told_accounts
from .allowances import standing
from .pools import seconds_since
from .probes import Answers, Probe
from .reads import Reads, reads_of
from .second_look import look_again, without_pin
from .simulate import gas_limit, simulate
from .simulated import read_simulated, worse_of
from .simulation import Simulation
from .writes import Ours, unexplained

IMPLEMENTATION_SLOTS = (
    "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
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
    header = await chain.block()
    clock = int(at.timestamp())
    reads = reads_of(book, proposal, seconds_since(header.timestamp, clock))
    gas = fees.gas_limit if fees is not None and len(proposal.calls) == 1 else None
    slots = [(contract, slot) for contract in reads.contracts for slot in IMPLEMENTATION_SLOTS]
    slots += account_slots(reads.accounts)
    simulation, stored = await asyncio.gather(
        simulate(
            chain,
            proposal.account,
            proposal.calls,
            before=reads.before,
            after=reads.after,
            block=header,
            at=clock,
            gas=gas,
            slots=slots if reads.accounts else (),
            watch=reads.watch,
        ),
        _stored(chain, slots, header),
    )
    answers = simulation.before
    implementations = _behind_proxies(reads, stored)
    code_hashes = _hashes(answers, reads.code) | await _code_hashes(chain, implementations.values(), header)
    portfolio = reads.portfolio.told_by(answers, header, clock)
    simulated = _simulated(simulation, proposal, reads)
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


def _hashes(answers: Answers, asked: dict[str, Probe]) -> dict[str, str]:
    found = {address: answers.hash(probe) for address, probe in asked.items()}
    # Where nothing was ever there EXTCODEHASH is zero (EIP-1052); the code found is the empty one all the same.
    return {
        address: _EMPTY_CODE if text == _NO_ACCOUNT else text for address, text in found.items() if text is not None
    }


async def _stored(chain: ChainClient, slots: Sequence[Slot], header: BlockHeader) -> dict[Slot, int]:
    """Words of storage at a block, all in one round trip. Raises RpcRefused where one cannot be read."""
    block = block_parameter(header.hash)
    found = await chain.batch([("eth_getStorageAt", [contract, slot, block]) for contract, slot in slots])
    for item in found:
        if isinstance(item, RpcRefused):
            raise item
    return {slot: int.from_bytes(parse_hex(item), "big") for slot, item in zip(slots, found, strict=True)}


def _behind_proxies(reads: Reads, stored: Mapping[Slot, int]) -> dict[str, str]:
    """The contract behind each proxy, by the slots that proxies publish; behind a Safe its singleton."""
    behind: dict[str, str] = {}
    for contract in reads.contracts:
        for slot in IMPLEMENTATION_SLOTS:
            if stored.get((contract, slot)):
                behind.setdefault(contract, f"0x{stored[contract, slot] % 2**160:040x}")
    for account in reads.accounts:
        if stored.get((account, ACCOUNT_SLOTS[0])):
            behind[account] = f"0x{stored[account, ACCOUNT_SLOTS[0]] % 2**160:040x}"
    return behind


async def _code_hashes(chain: ChainClient, implementations: Iterable[str], header: BlockHeader) -> dict[str, str]:
    addresses = sorted(set(implementations))
    codes = await asyncio.gather(*(chain.code(address, header.hash) for address in addresses))
    return {address: to_hex(keccak(code)) for address, code in zip(addresses, codes, strict=True)}


def _simulated(simulation: Simulation, proposal: Proposal, reads: Reads) -> Simulated | None:
    if not proposal.calls:
        return None
    if proposal.authorizations:
        return Simulated(succeeded=False, failure="an account whose code changes cannot be simulated")
    positions = (simulation.before.position_tokens(reserve) for reserve in reads.reserves)
    simulated = read_simulated(
        simulation,
        proposal.account,
        balances=reads.portfolio.balances,
        allowances=reads.allowances,
        watch=reads.watch,
        positions=frozenset().union(*positions),
        pools=reads.portfolio.pools,
    )
    if not simulated.succeeded or not reads.accounts:
        return simulated
    after = told_accounts(reads.accounts, simulation.after, simulation.stored)
    behind = _behind_proxies(reads, simulation.stored)
    return simulated.model_copy(update={"contract_accounts": after, "implementations": behind})


def _worse(first: Simulated, again: Simulation, proposal: Proposal, reads: Reads, book: Book) -> Simulated:
    second = _simulated(again, proposal, reads)
    assert second is not None
    worse = worse_of(first, second)
    if not worse.succeeded or again.changed is None:
        return worse
    accounts = book.section("accounts", proposal.chain_id).values()
    ours = Ours(
        account=proposal.account,
        accounts=frozenset({*accounts, *reads.accounts}),
        safes=frozenset(reads.accounts),
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
