"""What the guard sees of a proposal on a real node, with real tokens, feeds, Uniswap and Aave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.decode import derive_effects
from treasurer.policies.judgement.claims import simulation_denials
from treasurer.policies.observation.actual import drift, read_movements
from treasurer.policies.observation.observe import observe
from treasurer.policies.observation.prices.portfolio import read_portfolio
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call, Operation
from treasurer.wallets.chain import ChainClient, FeeQuote, Receipt
from treasurer.wallets.values import NATIVE, UINT256_MAX, to_hex

ALICE = "0x" + "a1" * 20
MALLORY = "0x" + "66" * 20
EXACT_INPUT = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
Propose = Callable[..., Proposal]


class Here:
    """The devnet's addresses, lower case."""

    def __init__(self, devnet: Devnet) -> None:
        registry = devnet.addresses()
        self.usdc = registry["tokens"]["usdc"]["address"].lower()
        self.weth = registry["tokens"]["weth"]["address"].lower()
        self.router = registry["venues"]["uniswap-v3"]["address"].lower()
        self.pool = registry["venues"]["aave-v3"]["address"].lower()
        self.implementation = registry["venues"]["aave-v3"]["implementation"].lower()
        self.hashes = {name: venue["code_hash"] for name, venue in registry["venues"].items()}
        self.implementation_hash = registry["venues"]["aave-v3"]["implementation_code_hash"]

    def swap(self, account: str, amount: int, minimum: int) -> tuple[Call, Call]:
        return (
            Call.encode(self.usdc, "approve(address,uint256)", self.router, amount),
            Call.encode(self.router, EXACT_INPUT, (self.usdc, self.weth, 500, account, amount, minimum, 0)),
        )

    def supply(self, account: str, amount: int) -> tuple[Call, Call]:
        return (
            Call.encode(self.usdc, "approve(address,uint256)", self.pool, amount),
            Call.encode(self.pool, "supply(address,uint256,address,uint16)", self.usdc, amount, account, 0),
        )


async def execute(client: ChainClient, account: str, call: Call) -> Receipt:
    """Send a call from one of anvil's own accounts and mine it."""
    fields = {"from": account, "to": call.to, "value": hex(call.value), "data": to_hex(call.data)}
    transaction = await client.request("eth_sendTransaction", [fields])
    while (receipt := await client.receipt(transaction)) is None:
        await client.request("evm_mine")
    assert receipt.succeeded
    return receipt


@pytest.fixture
def here(devnet: Devnet) -> Here:
    return Here(devnet)


async def test_a_transfer_shows_what_leaves_to_whom_and_what_it_is_worth(
    client: ChainClient, book: Book, propose: Propose, here: Here, at: datetime, account: str
) -> None:
    proposal = propose(Call.encode(here.usdc, "transfer(address,uint256)", ALICE, 250_000_000))
    facts = await observe(client, book, proposal, at=at, quote=FeeQuote(10**9, 10**6))
    assert facts.block is not None
    assert facts.block.hash == (await client.block()).hash
    assert facts.balances[here.usdc] == 50_000_000_000
    assert facts.balances[NATIVE] == await client.balance(account)
    assert facts.prices[here.usdc].usd == Decimal(1)
    assert facts.prices[NATIVE] == facts.prices[here.weth]
    assert facts.simulation is not None
    assert facts.simulation.succeeded
    assert facts.simulation.outflows == {here.usdc: 250_000_000}
    assert facts.simulation.recipients == {f"{here.usdc}:{ALICE}": 250_000_000}
    assert facts.simulation.inflows == {}
    assert facts.fees is not None
    used = await client.estimate_gas(account, proposal.calls[0])
    assert used <= facts.fees.gas_limit < 2 * used
    assert simulation_denials(derive_effects(proposal, book), proposal, book, facts) == ()


async def test_native_coin_is_followed(client: ChainClient, book: Book, propose: Propose, at: datetime) -> None:
    proposal = propose(Call(to=ALICE, value=3 * 10**18))
    facts = await observe(client, book, proposal, at=at)
    assert facts.simulation is not None
    assert facts.simulation.outflows == {NATIVE: 3 * 10**18}
    assert facts.simulation.recipients == {f"{NATIVE}:{ALICE}": 3 * 10**18}
    assert simulation_denials(derive_effects(proposal, book), proposal, book, facts) == ()


async def test_more_than_the_account_has_is_a_failed_simulation_with_facts(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here
) -> None:
    for call in (
        Call(to=ALICE, value=10**30),
        Call.encode(here.usdc, "transfer(address,uint256)", ALICE, 10**18),
    ):
        facts = await observe(client, book, propose(call), at=at)
        assert facts.simulation is not None
        assert not facts.simulation.succeeded
        assert facts.simulation.failure
        assert facts.prices[here.usdc].usd == 1
        (denial,) = simulation_denials(derive_effects(propose(call), book), propose(call), book, facts)
        assert denial.rule == "simulation"


async def test_a_swap_is_simulated_as_a_whole_and_leaves_no_allowance(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here, account: str
) -> None:
    proposal = propose(*here.swap(account, 2_500_000_000, 9 * 10**17))
    facts = await observe(client, book, proposal, at=at)
    assert facts.simulation is not None
    assert facts.simulation.failure == ""
    assert facts.simulation.outflows == {here.usdc: 2_500_000_000}
    assert facts.simulation.inflows[here.weth] > 9 * 10**17
    assert facts.simulation.allowances[f"{here.usdc}:{here.router}"] == 0
    assert facts.code_hashes[here.router] == here.hashes["uniswap-v3"]
    effects = derive_effects(proposal, book, static=False)
    assert simulation_denials(effects, proposal, book, facts) == ()


async def test_a_swap_below_its_minimum_says_why_it_fails(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here, account: str
) -> None:
    proposal = propose(*here.swap(account, 2_500_000_000, 10**20))
    facts = await observe(client, book, proposal, at=at)
    assert facts.simulation is not None
    assert facts.simulation.failed_call == 1
    assert "Too little received" in facts.simulation.failure


async def test_wrapping_moves_without_transfer_events(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here
) -> None:
    wrap = propose(Call.encode(here.weth, "deposit()", value=10**18))
    facts = await observe(client, book, wrap, at=at)
    assert facts.simulation is not None
    assert facts.simulation.outflows == {NATIVE: 10**18}
    assert facts.simulation.inflows == {here.weth: 10**18}
    assert simulation_denials(derive_effects(wrap, book), wrap, book, facts) == ()
    unwrap = propose(Call.encode(here.weth, "withdraw(uint256)", 2 * 10**18))
    facts = await observe(client, book, unwrap, at=at)
    assert facts.simulation is not None
    assert facts.simulation.outflows == {here.weth: 2 * 10**18}
    assert facts.simulation.inflows == {NATIVE: 2 * 10**18}
    assert simulation_denials(derive_effects(unwrap, book), unwrap, book, facts) == ()
    both = propose(wrap.calls[0], Call.encode(here.weth, "withdraw(uint256)", 10**18))
    facts = await observe(client, book, both, at=at)
    assert facts.simulation is not None
    assert facts.simulation.inflows == {here.weth: 10**18, NATIVE: 10**18}, "gross, also where it comes to nothing"
    assert simulation_denials(derive_effects(both, book), both, book, facts) == ()


async def test_lending_shows_the_health_factor_and_no_stray_flows(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here, account: str
) -> None:
    borrow = Call.encode(here.pool, "borrow(address,uint256,uint256,uint16,address)", here.weth, 10**18, 2, 0, account)
    withdraw = Call.encode(here.pool, "withdraw(address,uint256,address)", here.usdc, 1_000_000, account)
    proposal = propose(*here.supply(account, 10_000_000_000), borrow, withdraw)
    facts = await observe(client, book, proposal, at=at)
    assert facts.simulation is not None
    assert facts.simulation.failure == ""
    assert facts.simulation.outflows == {here.usdc: 10_000_000_000}
    assert facts.simulation.inflows == {here.usdc: 1_000_000, here.weth: 10**18}
    assert facts.simulation.health_factor_after is not None
    assert Decimal("1.5") < facts.simulation.health_factor_after < Decimal(5)
    assert facts.implementations[here.pool] == here.implementation
    assert facts.code_hashes[here.pool] == here.hashes["aave-v3"]
    assert facts.code_hashes[here.implementation] == here.implementation_hash
    effects = derive_effects(proposal, book, static=False)
    assert simulation_denials(effects, proposal, book, facts) == ()


async def test_the_portfolio_counts_what_is_lent_and_owed(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here, account: str
) -> None:
    transfer = propose(Call.encode(here.usdc, "transfer(address,uint256)", ALICE, 1))
    before = (await observe(client, book, transfer, at=at)).portfolio_usd
    for call in here.supply(account, 10_000_000_000):
        await execute(client, account, call)
    after = (await observe(client, book, transfer, at=at + timedelta(seconds=5))).portfolio_usd
    assert before is not None
    assert after is not None
    assert abs(after - before) < 1
    assert before > 50_000


async def test_a_portfolio_is_read_without_a_proposal_as_a_judgement_sees_it(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here, account: str
) -> None:
    for call in here.supply(account, 10_000_000_000):
        await execute(client, account, call)
    facts = await observe(client, book, propose(Call.encode(here.usdc, "transfer(address,uint256)", ALICE, 1)), at=at)
    portfolio = await read_portfolio(client, book, account, at=at)
    seen = (facts.block, facts.balances, facts.prices, facts.unpriced, facts.portfolio_usd)
    assert seen == (portfolio.block, portfolio.balances, portfolio.prices, portfolio.unpriced, portfolio.usd)
    assert portfolio.usd is not None
    assert await read_portfolio(client, book, account) == portfolio


async def test_what_happened_is_what_was_simulated(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here, account: str
) -> None:
    """Swap, supply, withdraw, wrap: no false alarm; and the same movements against another simulation are one."""
    withdraw = Call.encode(here.pool, "withdraw(address,uint256,address)", here.usdc, 1_000_000, account)
    wrap = Call.encode(here.weth, "deposit()", value=10**18)
    calls = (*here.swap(account, 2_500_000_000, 9 * 10**17), *here.supply(account, 10_000_000), withdraw, wrap)
    for call in calls:
        facts = await observe(client, book, propose(call), at=at)
        receipt = await execute(client, account, call)
        moved = await read_movements(client, receipt, account, wrapped_native=frozenset({here.weth}))
        assert facts.simulation is not None
        assert facts.simulation.succeeded, facts.simulation.failure
        assert drift(facts.simulation, moved) == ()
        assert moved.allowances == {pair: facts.simulation.allowances[pair] for pair in moved.allowances}
    assert moved.outflows == {NATIVE: 10**18}
    assert moved.inflows == {here.weth: 10**18}
    assert drift(facts.simulation.model_copy(update={"outflows": {}}), moved)


async def test_a_stale_feed_is_no_price(
    chain: Devnet, client: ChainClient, book: Book, propose: Propose, here: Here
) -> None:
    chain.world.advance_stale(2 * 86_400)
    header = await client.block()
    proposal = propose(Call.encode(here.usdc, "transfer(address,uint256)", ALICE, 1))
    at = datetime.fromtimestamp(header.timestamp, tz=proposal.expires_at.tzinfo)
    facts = await observe(client, book, proposal, at=at)
    assert facts.prices == {}
    assert "is stale" in facts.unpriced[here.usdc]
    assert facts.portfolio_usd is None


@pytest.mark.parametrize(
    "call", [Call(to=None, data=b"\x00"), Call(to=ALICE, data=b"", operation=Operation.DELEGATECALL)]
)
async def test_what_cannot_be_simulated_is_a_failed_simulation(
    client: ChainClient, book: Book, propose: Propose, at: datetime, call: Call
) -> None:
    facts = await observe(client, book, propose(call), at=at)
    assert facts.simulation is not None
    assert not facts.simulation.succeeded
    assert "cannot be simulated" in facts.simulation.failure


async def test_an_open_allowance_is_seen(
    client: ChainClient, book: Book, propose: Propose, at: datetime, here: Here
) -> None:
    proposal = propose(Call.encode(here.usdc, "approve(address,uint256)", MALLORY, UINT256_MAX))
    facts = await observe(client, book, proposal, at=at)
    assert facts.simulation is not None
    assert facts.simulation.allowances == {f"{here.usdc}:{MALLORY}": UINT256_MAX}
    assert facts.allowances == {f"{here.usdc}:{MALLORY}": 0}
    assert facts.total_supplies[here.usdc] > 0
    hidden = simulation_denials((), proposal, book, facts)
    assert [reason.condition for reason in hidden] == ["allowance"]
