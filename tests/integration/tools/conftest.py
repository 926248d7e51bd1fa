"""A book and policy as `init` writes them, over the devnet; proposals are judged by the guard's reads, then sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from treasurer.agent.context import ToolContext, slippage_of
from treasurer.policies.book.book import Book
from treasurer.policies.judgement.claims import contradictions
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.policy import Policy
from treasurer.policies.observation.observe import observe
from treasurer.policies.proposal import Proposal
from treasurer.policies.verdict import Verdict
from treasurer.runtime.bot.creation import book_text, preset
from treasurer.scenarios.devnet import Devnet
from treasurer.tools import Catalog, Fact, Token
from treasurer.tools.aave_v3 import position, the_pool
from treasurer.tools.standard import STANDARD_TOOLS
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.registry import read_registry
from treasurer.wallets.values import to_hex

OWNER = "0x" + "0f" * 20


@dataclass
class Treasury:
    """An account on the devnet with the tools, and the guard's way to judge what they build."""

    devnet: Devnet
    client: ChainClient
    book: Book
    policy: Policy
    account: str

    async def context(self, step: int = 0) -> ToolContext:
        registry = read_registry(self.devnet.registry)
        names = {"account": self.account, "bot": "acme", "run": "run"}
        bps = slippage_of(self.policy)
        return await ToolContext.open(self.client, self.book, registry, step=step, slippage_bps=bps, **names)

    async def build(self, name: str, **arguments: str) -> Proposal | None:
        """What the tool of that name proposes for these texts."""
        context = await self.context()
        catalog = Catalog.of(STANDARD_TOOLS, context.handles)
        tool = catalog.tool(name)
        built = await tool.run(context, catalog.checked(tool.call(**arguments)))
        assert built is None or isinstance(built, Proposal)
        return built

    async def read(self, name: str, **arguments: str) -> dict[str, str]:
        """The facts of a reading tool, by name."""
        context = await self.context()
        tool = Catalog.of(STANDARD_TOOLS, context.handles).tool(name)
        found: list[Fact] = await tool.run(context, tool.call(**arguments))
        return {fact.name: fact.text for fact in found}

    async def judged(self, proposal: Proposal) -> Verdict:
        """The conservative preset's verdict by the guard's own reads."""
        header = await self.client.block()
        at = datetime.fromtimestamp(header.timestamp, UTC)
        facts = await observe(self.client, self.book, proposal, at=at, quote=await self.client.fees())
        return judge(self.policy, self.book, proposal, facts)

    async def verdict(self, proposal: Proposal) -> Verdict:
        """The same, of a proposal whose claims must be just what its calls do."""
        verdict = await self.judged(proposal)
        assert proposal.claims
        assert contradictions(proposal.claims, verdict.effects) == ()
        return verdict

    async def execute(self, proposal: Proposal) -> None:
        """Each call as a transaction of the account; every one must succeed, and no allowance may stay."""
        for call in proposal.calls:
            fields = {"from": self.account, "to": call.to, "value": hex(call.value), "data": to_hex(call.data)}
            fields["gas"] = hex(2_000_000)  # anvil estimates to the unit, and a second later interest needs one more
            transaction = await self.client.request("eth_sendTransaction", [fields])
            while (receipt := await self.client.receipt(transaction)) is None:
                await self.client.request("evm_mine")
            assert receipt.succeeded
        await self._nothing_stays_approved(proposal)

    async def do(self, name: str, **arguments: str) -> Proposal:
        """Build, have it allowed, execute."""
        proposal = await self.build(name, **arguments)
        assert proposal is not None
        verdict = await self.verdict(proposal)
        assert verdict.decision == "allow", [reason.message for reason in verdict.reasons]
        await self.execute(proposal)
        return proposal

    async def _nothing_stays_approved(self, proposal: Proposal) -> None:
        context = await self.context()
        spenders = [venue.address for venue in context.handles.venues.values()]
        for token in (token for token in context.handles.tokens.values() if not token.is_native):
            for spender in spenders:
                arguments = ("allowance(address,address)", self.account, spender)
                assert await context.chain.read(token.address, *arguments, returns=["uint256"]) == (0,)

    def token(self, label: str) -> Token:
        row = read_registry(self.devnet.registry).tokens[label]
        return Token(label, row.address, row.decimals)

    def balance(self, asset: str) -> Decimal:
        """Whole units held."""
        decimals = 18 if asset == "native" else self.token(asset).decimals
        return Decimal(self.devnet.world.balance(self.account, asset)).scaleb(-decimals)

    async def health_factor(self) -> Decimal | None:
        context = await self.context()
        return (await position(context, the_pool(context, None))).health_factor


@pytest.fixture
async def treasury(chain: Devnet) -> AsyncIterator[Treasury]:
    """10,010 ETH, 50,000 USDC and 5 WETH, under the conservative preset."""
    account = chain.accounts[0].lower()
    chain.world.fund(account, native=10, tokens={"usdc": 50_000, "weth": 5})
    book = Book.read(book_text(read_registry(chain.registry), OWNER, devnet=True).encode())
    policy = Policy.read(preset("conservative").encode(), book)
    async with ChainClient([chain.rpc], chain.chain_id) as client:
        yield Treasury(chain, client, book, policy, account)
