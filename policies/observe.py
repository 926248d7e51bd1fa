"""observe: everything that a judgement needs of a chain, at one block, as Facts.

One eth_getBlockByNumber, one eth_simulateV1 on top of that block with every read in it, and beside it two storage
reads for each contract called (EVM code cannot read another contract's storage); one more round where a proxy was
found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from eth_utils.crypto import keccak

from ..wallets.chain import BlockHeader, ChainClient, FeeQuote
from ..wallets.values import NATIVE, to_hex
from . import probes
from .book import Book, TokenEntry
from .decode import derive_effects
from .effect import Effect, Kind
from .facts import Block, Facts, Fees, Price, Simulated, Spent
from .prices import Feed, read_price
from .probes import Answers, Probe
from .proposal import Proposal
from .simulate import Simulation, gas_limit, read_simulated, simulate

IMPLEMENTATION_SLOTS = (
    "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
    "0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3",
)
"""EIP-1967, and that of OpenZeppelin's first proxies (keccak-256 of org.zeppelinos.proxy.implementation), as USDC."""
NATIVE_DECIMALS = 18
_AAVE_POOL = "aave-v3-pool"
_WRAPPED = "weth9"
_OPENING = frozenset({Kind.APPROVAL, Kind.PERMIT, Kind.REVOCATION, Kind.UNLIMITED_APPROVAL})
_USING = frozenset({Kind.SWAP, Kind.SUPPLY, Kind.REPAY})
_FUNGIBLE = frozenset({"erc20", _WRAPPED})
_NO_ACCOUNT = "0x" + "0" * 64
_EMPTY_CODE = to_hex(keccak(b""))


@dataclass(frozen=True)
class Plan:
    """What to read for one proposal: probes by what they tell."""

    balances: dict[str, Probe]
    allowances: dict[str, Probe]
    supplies: dict[str, Probe]
    code: dict[str, Probe]
    feeds: dict[str, Feed]
    pools: tuple[Probe, ...]
    reserves: tuple[Probe, ...]
    contracts: tuple[str, ...]
    watch: frozenset[str]

    @property
    def before(self) -> tuple[Probe, ...]:
        """Every probe, once."""
        rounds = [probe for feed in self.feeds.values() for probe in _feed_probes(feed)]
        return tuple(
            dict.fromkeys(
                [
                    *self.balances.values(),
                    *self.allowances.values(),
                    *self.supplies.values(),
                    *self.code.values(),
                    *rounds,
                    *self.pools,
                    *self.reserves,
                ]
            )
        )

    @property
    def after(self) -> tuple[Probe, ...]:
        """The probes whose answers the calls change."""
        return tuple(dict.fromkeys([*self.balances.values(), *self.allowances.values(), *self.pools]))


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
    plan = plan_of(book, proposal)
    gas = fees.gas_limit if fees is not None and len(proposal.calls) == 1 else None
    clock = int(at.timestamp())
    simulation, implementations = await asyncio.gather(
        simulate(
            chain,
            proposal.account,
            proposal.calls,
            before=plan.before,
            after=plan.after,
            block=header,
            at=clock,
            gas=gas,
        ),
        _implementations(chain, plan.contracts, header),
    )
    answers = simulation.before
    code_hashes = _hashes(answers, plan.code) | await _behind(chain, implementations.values(), header)
    prices, unpriced = _prices(plan.feeds, answers, clock, header)
    balances = _numbers(answers, plan.balances)
    simulated = _simulated(simulation, proposal, plan)
    return Facts(
        at=at,
        stopped=stopped,
        block=Block(number=header.number, hash=header.hash, timestamp=header.timestamp),
        prices=prices,
        unpriced=unpriced,
        balances=balances,
        allowances=_numbers(answers, plan.allowances),
        total_supplies=_numbers(answers, plan.supplies),
        code_hashes=code_hashes,
        implementations=implementations,
        simulation=simulated,
        fees=fees or _fees(simulated, quote),
        spent=tuple(spent),
        portfolio_usd=_portfolio(tokens_of(book, proposal.chain_id), plan, answers, balances, prices),
    )


def plan_of(book: Book, proposal: Proposal) -> Plan:
    """Which reads a proposal needs, from its bytes and the book alone."""
    chain_id, account = proposal.chain_id, proposal.account
    effects = derive_effects(proposal, book)
    tokens = tokens_of(book, chain_id)
    pools = _pools(book, chain_id)
    opened = [effect for effect in effects if effect.kind in _OPENING]
    pairs = _pairs([(effect.asset, effect.counterparty) for effect in opened]) | _pairs(
        [(effect.asset, effect.target) for effect in effects if effect.kind in _USING]
    )
    called = [call.to for call in proposal.calls if call.to is not None]
    touched = {effect.target for effect in effects if effect.target is not None}.union(*pairs)
    named = [address for address in touched if book.knows(address, chain_id)]
    contracts = tuple(dict.fromkeys([*called, *sorted(named)]))
    return Plan(
        balances={NATIVE: probes.native_balance(account)}
        | {token.address: probes.token_balance(token.address, account) for token in tokens if token.kind in _FUNGIBLE},
        allowances={
            f"{token}:{spender}": probes.allowance(token, account, spender) for token, spender in sorted(pairs)
        },
        supplies={token: probes.total_supply(token) for token, _ in sorted(pairs)},
        code={address: probes.code_hash(address) for address in contracts},
        feeds=_feeds(tokens),
        pools=tuple(probes.account_data(pool, account) for pool in pools),
        reserves=_reserves(effects, pools),
        contracts=contracts,
        # A spender is no recipient: what it takes is seen to leave, and what pools pass on through it is not ours.
        watch=frozenset(e.counterparty for e in effects if e.counterparty is not None and e.kind not in _OPENING),
    )


def tokens_of(book: Book, chain_id: int) -> tuple[TokenEntry, ...]:
    """The book's tokens on one chain, in the book's order."""
    entries = (book.token(address, chain_id) for address in book.section("tokens", chain_id).values())
    return tuple(entry for entry in entries if entry is not None)


def _pools(book: Book, chain_id: int) -> tuple[str, ...]:
    venues = (book.venue(address, chain_id) for address in book.section("venues", chain_id).values())
    return tuple(venue.address for venue in venues if venue is not None and venue.kind == _AAVE_POOL)


def _pairs(found: Iterable[tuple[str | None, str | None]]) -> set[tuple[str, str]]:
    return {
        (token, spender) for token, spender in found if token not in (None, NATIVE) and spender is not None if token
    }


def _reserves(effects: Iterable[Effect], pools: Sequence[str]) -> tuple[Probe, ...]:
    touched = [
        (effect.target, effect.asset)
        for effect in effects
        if effect.target is not None and effect.target in pools and effect.asset not in (None, NATIVE)
    ]
    return tuple(dict.fromkeys(probes.reserve_data(pool, asset) for pool, asset in touched if asset is not None))


def _feeds(tokens: Iterable[TokenEntry]) -> dict[str, Feed]:
    """Feeds by asset; the native coin is priced as its wrapped form is."""
    feeds = {}
    for token in tokens:
        if token.feed is not None:
            feeds[token.address] = feed = Feed(token.feed, token.heartbeat)
            if token.kind == _WRAPPED:
                feeds[NATIVE] = feed
    return feeds


def _feed_probes(feed: Feed) -> tuple[Probe, Probe]:
    return probes.latest_round(feed.address), probes.decimals(feed.address)


def _numbers(answers: Answers, asked: dict[str, Probe]) -> dict[str, int]:
    found = {key: answers.number(probe) for key, probe in asked.items()}
    return {key: number for key, number in found.items() if number is not None}


def _hashes(answers: Answers, asked: dict[str, Probe]) -> dict[str, str]:
    found = {address: answers.hash(probe) for address, probe in asked.items()}
    # Where nothing was ever there EXTCODEHASH is zero (EIP-1052); the code found is the empty one all the same.
    return {
        address: _EMPTY_CODE if text == _NO_ACCOUNT else text for address, text in found.items() if text is not None
    }


async def _implementations(chain: ChainClient, contracts: Sequence[str], header: BlockHeader) -> dict[str, str]:
    """The contract behind each proxy, by the slots that proxies publish."""
    reads = [(contract, slot) for contract in contracts for slot in IMPLEMENTATION_SLOTS]
    found = await asyncio.gather(*(chain.storage(contract, slot, header.hash) for contract, slot in reads))
    behind: dict[str, str] = {}
    for (contract, _), stored in zip(reads, found, strict=True):
        if any(stored):
            behind.setdefault(contract, to_hex(stored[-20:]))
    return behind


async def _behind(chain: ChainClient, implementations: Iterable[str], header: BlockHeader) -> dict[str, str]:
    addresses = sorted(set(implementations))
    codes = await asyncio.gather(*(chain.code(address, header.hash) for address in addresses))
    return {address: to_hex(keccak(code)) for address, code in zip(addresses, codes, strict=True)}


def _prices(
    feeds: dict[str, Feed], answers: Answers, clock: int, header: BlockHeader
) -> tuple[dict[str, Price], dict[str, str]]:
    prices, unpriced = {}, {}
    for asset, feed in feeds.items():
        price, reason = read_price(feed, answers, at=clock, block_time=header.timestamp)
        if price is None:
            unpriced[asset] = reason
        else:
            prices[asset] = price
    return prices, unpriced


def _simulated(simulation: Simulation, proposal: Proposal, plan: Plan) -> Simulated | None:
    if not proposal.calls:
        return None
    if proposal.authorizations:
        return Simulated(succeeded=False, failure="an account whose code changes cannot be simulated")
    positions = (simulation.before.position_tokens(reserve) for reserve in plan.reserves)
    return read_simulated(
        simulation,
        proposal.account,
        balances=plan.balances,
        allowances=plan.allowances,
        watch=plan.watch,
        positions=frozenset().union(*positions),
        pools=plan.pools,
    )


def _fees(simulated: Simulated | None, quote: FeeQuote | None) -> Fees | None:
    if simulated is None or quote is None or not simulated.succeeded:
        return None
    return Fees(gas_limit=sum(map(gas_limit, simulated.gas_used)), max_fee_per_gas=quote.max_fee_per_gas)


def _portfolio(
    tokens: Iterable[TokenEntry], plan: Plan, answers: Answers, balances: dict[str, int], prices: dict[str, Price]
) -> Decimal | None:
    """USD of native coin, the book's tokens and the net of lending pools; None where what is held has no price.

    A book that lists aTokens counts what they stand for twice: it need not, the pools are read.
    """
    decimals = {NATIVE: NATIVE_DECIMALS} | {token.address: token.decimals for token in tokens}
    nets = [answers.net_usd(pool) for pool in plan.pools]
    if balances.keys() != plan.balances.keys() or None in nets:
        return None
    total = sum((net for net in nets if net is not None), Decimal(0))
    for asset, held in balances.items():
        if held and asset not in prices:
            return None
        if held:
            total += Decimal(held).scaleb(-decimals[asset]) * prices[asset].usd
    return total
