"""Three simulators on one real node: each tells the same of the same calls, and the first that is served is used."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
import pytest
from aiohttp import web
from eth_abi import encode

from treasurer.policies.book.book import Book
from treasurer.policies.facts import Facts, Simulated
from treasurer.policies.judgement.claims import simulation_denials
from treasurer.policies.observation.observe import observe
from treasurer.policies.observation.prices.portfolio import read_portfolio
from treasurer.policies.observation.simulation.simulate import UNSERVED
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call, selector
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.errors import RpcRefused
from treasurer.wallets.values import NATIVE

from .test_contract_accounts import MODULE, as_owner, make_safe

ALICE = "0x" + "a1" * 20
EXACT_INPUT = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
WITHOUT = {
    "eth_simulateV1": frozenset(),
    "debug_traceCall": frozenset({"eth_simulateV1"}),
    "pyrevm": frozenset({"eth_simulateV1", "debug_traceCall"}),
}
Propose = Callable[..., Proposal]


@dataclass
class Proxy:
    """A node that lacks some methods, on loopback before a real one; ``asked`` counts what it was asked for."""

    url: str
    lacks: frozenset[str]
    endpoint: str = ""
    asked: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        requests = body if isinstance(body, list) else [body]
        self.asked.update(one["method"] for one in requests)
        served = [one for one in requests if one["method"] not in self.lacks]
        answers = await self._forward(served) if served else []
        missing = {"code": -32601, "message": "the method does not exist"}
        answers += [
            {"jsonrpc": "2.0", "id": one["id"], "error": missing} for one in requests if one["method"] in self.lacks
        ]
        return web.json_response(answers if isinstance(body, list) else answers[0])

    async def _forward(self, requests: list[object]) -> list[object]:
        async with aiohttp.ClientSession() as session, session.post(self.url, json=requests) as response:
            return list(await response.json())


@asynccontextmanager
async def node_without(rpc: str, lacks: frozenset[str]) -> AsyncIterator[Proxy]:
    proxy = Proxy(rpc, lacks)
    application = web.Application(client_max_size=2**26)
    application.router.add_post("/", proxy.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        proxy.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield proxy
    finally:
        await runner.cleanup()


async def seen_by_each(devnet: Devnet, book: Book, proposal: Proposal, at: datetime) -> dict[str, Simulated]:
    found = {}
    for name, lacks in WITHOUT.items():
        async with node_without(devnet.rpc, lacks) as proxy, ChainClient([proxy.endpoint], 31337) as chain:
            facts = await observe(chain, book, proposal, at=at)
            assert facts.simulation is not None
            assert facts.prices[NATIVE].usd > 0
            assert facts.portfolio_usd is not None
            found[name] = facts.simulation
    return found


def pinned(text: bytes, hashes: dict[str, str]) -> Book:
    """The devnet's book with every token pinned, so that one simulation is all there is."""
    lines = text.decode().splitlines()
    for number, line in enumerate(lines):
        for label, code_hash in hashes.items():
            if line.startswith(f"  {label}: ") and "decimals" in line:
                lines[number] = line[:-1] + f', code_hash: "{code_hash}"}}'
    return Book.read("\n".join(lines).encode())


@pytest.fixture
async def pinned_book(devnet: Devnet, client: ChainClient) -> Book:
    from eth_utils.crypto import keccak

    from .conftest import written_book

    tokens = devnet.addresses()["tokens"]
    hashes = {label: "0x" + keccak(await client.code(one["address"])).hex() for label, one in tokens.items()}
    return pinned(written_book(devnet), hashes)


class Calls:
    def __init__(self, devnet: Devnet, account: str) -> None:
        registry = devnet.addresses()
        self.usdc, self.weth = (registry["tokens"][label]["address"].lower() for label in ("usdc", "weth"))
        self.router = registry["venues"]["uniswap-v3"]["address"].lower()
        self.account = account

    def of(self, name: str) -> tuple[Call, ...]:
        usdc, weth, router = self.usdc, self.weth, self.router
        approve = Call.encode(usdc, "approve(address,uint256)", router, 2_500_000_000)
        swapped = (usdc, weth, 500, self.account, 2_500_000_000, 9 * 10**17, 0)
        return {
            "a transfer": (Call.encode(usdc, "transfer(address,uint256)", ALICE, 250_000_000),),
            "coins": (Call(to=ALICE, value=3 * 10**18),),
            "an approval": (approve,),
            "unwrapping": (Call.encode(weth, "withdraw(uint256)", 10**18),),
            "a swap": (approve, Call.encode(router, EXACT_INPUT, swapped)),
            "two payments": (Call(to=ALICE, value=1), Call.encode(usdc, "transfer(address,uint256)", ALICE, 1)),
            "a revert": (Call.encode(usdc, "transfer(address,uint256)", ALICE, 10**18),),
            "a revert after another call": (
                approve,
                Call.encode(router, EXACT_INPUT, (*swapped[:5], 10**20, 0)),
            ),
        }[name]


@pytest.mark.parametrize(
    "name",
    [
        "a transfer",
        "coins",
        "an approval",
        "unwrapping",
        "a swap",
        "two payments",
        "a revert",
        "a revert after another call",
    ],
)
async def test_each_tells_the_same(
    chain: Devnet, pinned_book: Book, propose: Propose, at: datetime, account: str, name: str
) -> None:
    found = await seen_by_each(chain, pinned_book, propose(*Calls(chain, account).of(name)), at)
    assert {by: simulated.by for by, simulated in found.items()} == {by: by for by in WITHOUT}
    whole = found["eth_simulateV1"]
    assert whole.succeeded is not name.startswith("a revert")
    assert found["debug_traceCall"].model_copy(update={"by": whole.by}) == whole
    forked = found["pyrevm"].model_copy(update={"by": whole.by, "gas_used": whole.gas_used})
    assert forked == whole
    # All calls of a fork are one transaction, in which later ones are cheaper: their gas is an upper bound.
    first, *later = zip(found["pyrevm"].gas_used, whole.gas_used, strict=True)
    assert first[0] == first[1]
    assert all(used <= bound <= 2 * used for bound, used in later)


async def test_each_sees_what_becomes_of_a_safe(
    chain: Devnet, client: ChainClient, pinned_book: Book, propose: Propose, at: datetime, account: str
) -> None:
    safe = await make_safe(client, chain, account)
    sections = dict(pinned_book.sections)
    pin = f'code_hash: "0x{"00" * 32}"'
    written = f'version: 1\nvenues: {{mine: {{address: "{safe}", chains: [31337], kind: safe, {pin}}}}}'
    entry = Book.read(written.encode()).sections["venues"]
    book = Book(sections | {"venues": (*sections["venues"], *entry)})
    usdc = Calls(chain, account).usdc
    enable = selector("enableModule(address)") + encode(["address"], [MODULE])
    for call in (as_owner(safe, account, usdc, selector("totalSupply()")), as_owner(safe, account, safe, enable)):
        found = await seen_by_each(chain, book, propose(call), at)
        whole = found["eth_simulateV1"]
        assert whole.succeeded
        assert safe in whole.contract_accounts
        for name, simulated in found.items():
            told, expected = (
                simulated.model_dump(exclude={"by", "again_by"}),
                whole.model_dump(exclude={"by", "again_by"}),
            )
            assert {key: value for key, value in told.items() if value != expected[key]} == {}, name


async def test_each_knows_when_gas_runs_out(
    chain: Devnet, pinned_book: Book, propose: Propose, at: datetime, account: str
) -> None:
    from treasurer.policies.facts import Fees

    proposal = propose(*Calls(chain, account).of("a transfer"))
    seen = []
    for lacks in WITHOUT.values():
        async with node_without(chain.rpc, lacks) as proxy, ChainClient([proxy.endpoint], 31337) as opened:
            fees = Fees(gas_limit=25_000, max_fee_per_gas=1)
            facts = await observe(opened, pinned_book, proposal, at=at, fees=fees)
            assert facts.simulation is not None
            seen.append(facts.simulation.model_copy(update={"by": ""}))
    assert seen[0] == seen[1] == seen[2]
    assert (seen[0].succeeded, seen[0].gas_used) == (False, (25_000,))


async def test_each_refuses_what_the_account_cannot_pay(
    chain: Devnet, pinned_book: Book, propose: Propose, at: datetime
) -> None:
    for name, simulated in (await seen_by_each(chain, pinned_book, propose(Call(to=ALICE, value=10**30)), at)).items():
        assert not simulated.succeeded, name
        assert simulated.failure, name


async def test_a_node_says_once_what_it_lacks(
    chain: Devnet, pinned_book: Book, propose: Propose, at: datetime, account: str
) -> None:
    proposal = propose(*Calls(chain, account).of("a transfer"))
    async with node_without(chain.rpc, WITHOUT["pyrevm"]) as proxy, ChainClient([proxy.endpoint], 31337) as opened:
        for _ in range(3):
            facts = await observe(opened, pinned_book, proposal, at=at)
            assert facts.simulation is not None
            assert facts.simulation.by == "pyrevm"
        assert proxy.asked["eth_simulateV1"] == 1
        assert proxy.asked["debug_traceCall"] == 2, "two tracers in one batch"
        with pytest.raises(RpcRefused):
            await opened.request("debug_traceCall", [])
        assert proxy.asked["debug_traceCall"] == 2


async def test_where_nothing_simulates_the_calls_are_denied_and_the_rest_is_read(
    chain: Devnet,
    pinned_book: Book,
    propose: Propose,
    at: datetime,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyrevm", None)
    proposal = propose(*Calls(chain, account).of("a transfer"))
    async with node_without(chain.rpc, WITHOUT["pyrevm"]) as proxy, ChainClient([proxy.endpoint], 31337) as opened:
        facts: Facts = await observe(opened, pinned_book, proposal, at=at)
        assert facts.simulation is not None
        assert (facts.simulation.succeeded, facts.simulation.failure) == (False, UNSERVED)
        assert facts.balances[NATIVE] > 0
        (denial,) = simulation_denials((), proposal, pinned_book, facts)
        assert denial.condition == "succeeds"
        assert (await read_portfolio(opened, pinned_book, account, at=at)).usd == facts.portfolio_usd
