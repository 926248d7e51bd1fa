"""ToolContext: what a tool's function receives: names from the book, the agent's own reads, and the way to a Proposal.

The guard trusts nothing of it: it decodes, prices and judges again by its own reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Self

from eth_abi import decode
from eth_abi.exceptions import DecodingError

from ..policies.book.book import Book
from ..policies.conditions.amounts import Slippage
from ..policies.effect import Kind
from ..policies.language.policy import Policy
from ..policies.observation.prices.feeds import Feed, read_price
from ..policies.observation.reads import probes
from ..policies.observation.reads.probes import Answers
from ..policies.proposal import Claim, Proposal
from ..tools import Basis, Handles, NoPrice, NotOffered, Payee, Token, Venue
from ..tools.aave_v3 import holding as lent_or_owed
from ..tools.aave_v3 import the_pool
from ..wallets.call import Call
from ..wallets.chain import ChainClient, FeeQuote, fee_ceiling, gas_reserve
from ..wallets.errors import ChainError, RpcRefused
from ..wallets.registry import Registry
from ..wallets.values import NATIVE, hash_words

EXPIRES_AFTER = timedelta(hours=2)
"""Time for people to approve (policies ask for an hour) and for the transactions to be included."""
SLIPPAGE_BPS = 45
"""Where the policy names no bound: half a percent is what presets allow, and feeds may move before it is judged."""
SLIPPAGE_PART = Decimal("0.9")
"""Of the policy's bound, for the same reason."""


class ChainReads:
    """tools.Chain over a ChainClient: view functions and balances at the newest block."""

    def __init__(self, client: ChainClient) -> None:
        self._client = client

    @property
    def chain_id(self) -> int:
        """The chain's number."""
        return self._client.chain_id

    async def read(self, to: str, signature: str, *arguments: Any, returns: Sequence[str]) -> tuple[Any, ...]:
        """The decoded answer of a view function; addresses in lower case. Raises ChainError."""
        answer = await self._client.call(to, Call.encode(to, signature, *arguments).data)
        try:
            return tuple(decode(list(returns), answer))
        except DecodingError as error:
            raise ChainError(f"{to} does not answer {signature} as its registry says: {error}") from error

    async def balance(self, asset: str, holder: str) -> int:
        """Base units of a token, or wei."""
        if asset == NATIVE:
            return await self._client.balance(holder)
        (held,) = await self.read(asset, "balanceOf(address)", holder, returns=["uint256"])
        return int(held)


@dataclass(frozen=True)
class ToolContext:
    """One step's Context (tools.Context). Make it with ``ToolContext.open``.

    ``now``: the guard's time. ``quote``: what gas costs at present. ``slippage_bps``: what ``slippage_of`` says.
    ``bot``, ``run`` and ``step`` make the intent key.
    """

    client: ChainClient
    entries: Book
    registry: Registry
    account: str
    bot: str
    run: str
    step: int
    now: datetime
    quote: FeeQuote
    handles: Handles
    book: Mapping[str, str]
    slippage_bps: int = SLIPPAGE_BPS
    asked_by: str = ""

    @classmethod
    async def open(
        cls,
        client: ChainClient,
        book: Book,
        registry: Registry,
        *,
        account: str,
        bot: str,
        run: str,
        step: int,
        now: datetime | None = None,
        slippage_bps: int = SLIPPAGE_BPS,
        asked_by: str = "",
    ) -> Self:
        """The context of one step. ``now``: the guard's time, or None for the newest block's. Raises ChainError."""
        quote, header = await asyncio.gather(client.fees(), client.block())
        return cls(
            client=client,
            entries=book,
            registry=registry,
            account=account,
            bot=bot,
            run=run,
            step=step,
            now=datetime.fromtimestamp(header.timestamp, UTC) if now is None else now,
            quote=quote,
            handles=handles_of(book, registry),
            book=labels_of(book, client.chain_id),
            slippage_bps=slippage_bps,
            asked_by=asked_by,
        )

    @property
    def chain(self) -> ChainReads:
        """Reads at the newest block."""
        return ChainReads(self.client)

    async def holding(self, token: Token, basis: Basis) -> int:
        """Base units that the account holds, has supplied to the lending pool of the book, or owes there."""
        if basis is Basis.BALANCE:
            return await self.chain.balance(token.address, self.account)
        return await lent_or_owed(self, the_pool(self, None), token, basis)

    async def price(self, token: Token) -> Decimal:
        """USD for one whole unit, by the feed that the book names. Raises NoPrice."""
        entry = self.entries.token(token.address, self.client.chain_id)
        if token.is_native:
            entry = self.entries.wrapped_native(self.client.chain_id)
        if entry is None or entry.feed is None:
            raise NoPrice(f"the book names no feed for {token.label}: add feed and heartbeat to it in book.yaml")
        asked = (probes.latest_round(entry.feed), probes.decimals(entry.feed))
        try:
            header = await self.client.block()
            found = await asyncio.gather(*(self.client.call(probe.to, probe.data) for probe in asked))
        except RpcRefused as error:
            raise NoPrice(f"{token.label} has no price: its feed {entry.feed} does not answer ({error})") from error
        answers = Answers(dict(zip(asked, found, strict=True)))
        clock = int(self.now.timestamp())
        price, why = read_price(Feed(entry.feed, entry.heartbeat), answers, at=clock, block_time=header.timestamp)
        if price is None:
            raise NoPrice(
                f"{token.label} has no price: {why}; wait for its next round, or correct the feed in book.yaml"
            )
        return price.usd

    def gas_reserve(self, calls: int) -> int:
        """Wei to keep for the gas of so many calls at the present quote."""
        return gas_reserve(calls, self.quote.max_fee_per_gas)

    def propose(self, calls: Sequence[Call], *, claims: Sequence[Claim] = (), purpose: str = "") -> Proposal:
        """A complete Proposal of this step. Raises NotOffered where there are no calls.

        It expires after two hours; ``fee_ceiling`` is three times what the gas of the calls may cost now, at least 0.05
        of the native coin. Addresses of the book are ``operator`` by themselves, so it labels none.
        """
        if not calls:
            raise NotOffered("a proposal without calls does nothing: return None where there is nothing to do")
        return Proposal(
            chain_id=self.client.chain_id,
            account=self.account,
            calls=tuple(calls),
            claims=tuple(claims),
            intent_key=hash_words(self.bot, self.run, self.step),
            run=self.run,
            step=self.step,
            fee_ceiling=fee_ceiling(len(calls), self.quote.max_fee_per_gas),
            expires_at=self.now + EXPIRES_AFTER,
            asked_by=self.asked_by,
            purpose=purpose,
        )


def slippage_of(policy: Policy) -> int:
    """What to hold swaps to under a policy: a little less than the narrowest bound of its rules that let swaps pass."""
    rules = [rule for rule in policy.rules if rule.decision != "deny" and Kind.SWAP in rule.kinds]
    bounds = [condition.most for rule in rules for condition in rule.when if isinstance(condition, Slippage)]
    return int(min(bounds) * SLIPPAGE_PART) if bounds else SLIPPAGE_BPS


def handles_of(book: Book, registry: Registry) -> Handles:
    """The labels of a book on the registry's chain: payees with own accounts, tokens with the native coin, venues."""
    chain_id = registry.chain_id
    payees = {**book.section("accounts", chain_id), **book.section("payees", chain_id)}
    symbol = registry.native.symbol.lower()
    tokens = [Token(entry.label, entry.address, entry.decimals) for entry in book.tokens(chain_id)]
    return Handles.of(
        payees=[Payee(label, address) for label, address in payees.items()],
        tokens=[Token(NATIVE, NATIVE, registry.native.decimals), *tokens],
        venues=[Venue(label, address) for label, address in book.section("venues", chain_id).items()],
        native_words=("eth", "ether") if symbol == "eth" else (symbol,),
    )


def labels_of(book: Book, chain_id: int) -> Mapping[str, str]:
    """Address by label over all sections of the book; where two share a label, payees come first."""
    found: dict[str, str] = {}
    first = [name for name in ("payees", "accounts", "venues", "tokens", "people") if name in book.sections]
    for name in [*first, *sorted(set(book.sections) - set(first))]:
        for label, address in book.section(name, chain_id).items():
            found.setdefault(label, address)
    return MappingProxyType(found)
