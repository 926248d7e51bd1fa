"""What the guard reads, over the devnet: a book of its tokens and venues, an account with money, and proposals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient

ALICE = "0x" + "a1" * 20

Propose = Callable[..., Proposal]


def written_book(devnet: Devnet) -> bytes:
    """A book.yaml of everything in the devnet's registry, venues pinned."""
    registry = devnet.addresses()
    lines = ["version: 1", "payees:", f'  alice: {{address: "{ALICE}", chains: [31337]}}', "tokens:"]
    for label, token in registry["tokens"].items():
        lines.append(
            f'  {label}: {{address: "{token["address"]}", chains: [31337], decimals: {token["decimals"]}, '
            f'kind: {token["kind"]}, feed: "{token["feed"]}", heartbeat: 24h}}'
        )
    lines.append("venues:")
    for label, venue in registry["venues"].items():
        lines.append(
            f'  {label}: {{address: "{venue["address"]}", chains: [31337], kind: {venue["kind"]}, '
            f'code_hash: "{venue["code_hash"]}"}}'
        )
    return "\n".join(lines).encode()


@pytest.fixture
def book(devnet: Devnet) -> Book:
    return Book.read(written_book(devnet))


@pytest.fixture
def account(chain: Devnet) -> str:
    """An account with 10 ETH, 50,000 USDC and 5 WETH."""
    address = chain.accounts[0].lower()
    chain.world.fund(address, native=10, tokens={"usdc": 50_000, "weth": 5})
    return address


@pytest.fixture
async def client(chain: Devnet) -> AsyncIterator[ChainClient]:
    async with ChainClient([chain.rpc], chain.chain_id) as opened:
        yield opened


@pytest.fixture
async def at(client: ChainClient) -> datetime:
    """The guard's clock on a devnet: the newest block's time."""
    return datetime.fromtimestamp((await client.block()).timestamp, UTC)


@pytest.fixture
def propose(account: str, at: datetime) -> Propose:
    def build(*calls: Call, **fields: object) -> Proposal:
        return Proposal(
            chain_id=31337,
            account=account,
            calls=calls,
            intent_key="0x" + "01" * 32,
            run="test",
            expires_at=at + timedelta(hours=1),
            **fields,  # type: ignore[arg-type]
        )

    return build
