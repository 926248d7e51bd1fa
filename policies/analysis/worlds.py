"""World: a policy and its book on a chain where everything is as the book says, to try proposals in.

What is asked here is what the *policy* lets through: so the code at each contract is what is pinned, simulations agree
with the calldata, addresses have long been known, and nothing is wrong with feeds, peers or the portfolio.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from ...wallets.hints import nearest
from ...wallets.values import NATIVE
from ..book.contract_kinds import WRAPPED_NATIVE
from ..book.entries import Entry, PersonEntry, TokenEntry, VenueEntry
from ..decode import derive_effects
from ..effect import Effect, Kind
from ..errors import PolicyError
from ..facts import ContractAccount, Facts, Fees, Price, Simulated, Spent, allowance_key
from ..judgement.judge import judge
from ..kinds import COMES_BOUGHT, COMES_FROM_POOL, LEAVES, SETS_ALLOWANCE
from ..language.bundle import PolicyBundle
from ..proposal import Proposal
from ..verdict import Verdict

AT = datetime(2026, 11, 25, 10, tzinfo=UTC)
"""A Wednesday morning: what is tried first."""
LONG_AGO = 1_600_000_000
PLENTY_BASE_UNITS = 10**33
TOKEN_USD, COIN_USD = Decimal(1), Decimal(2500)
"""Prices where none are given: a dollar a token, and of the chain's coin and what wraps it 2,500."""
_CANDIDATES = tuple("0x" + digits * 10 for digits in ("9d3c", "71e8", "b4f2", "c6a5"))


@dataclass(frozen=True)
class World:
    """``prices``: USD for one unit by label, over TOKEN_USD and COIN_USD."""

    bundle: PolicyBundle
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {NATIVE, *self.bundle.book.labels("tokens")}
        for label in self.prices:
            if label not in known:
                raise PolicyError(f'the book has no token "{label}", which was given a price{nearest(label, known)}')

    @cached_property
    def account(self) -> str:
        """The wallet: an address that the book does not have."""
        return self._unlisted(0)

    @cached_property
    def stranger(self) -> str:
        """An address that nobody listed."""
        return self._unlisted(1)

    def _unlisted(self, position: int) -> str:
        taken = {entry.address for entries in self.bundle.book.sections.values() for entry in entries}
        return [address for address in _CANDIDATES if address not in taken][position]

    def price(self, token: TokenEntry) -> Decimal:
        """USD for one whole unit."""
        coin = token.address == NATIVE or token.kind == WRAPPED_NATIVE
        return self.prices.get(token.label, COIN_USD if coin else TOKEN_USD)

    def proposal(self, chain_id: int, at: datetime, **fields: Any) -> Proposal:
        """A proposal of the account."""
        given: dict[str, Any] = {"intent_key": "0x" + "0" * 64, "run": "analysis", "expires_at": at, **fields}
        return Proposal(chain_id=chain_id, account=self.account, **given)

    def judge(self, proposal: Proposal, at: datetime = AT, spent: Sequence[Spent] = ()) -> tuple[Verdict, Facts]:
        """What the engine says of it on that chain at that time."""
        facts = self.facts(proposal, at, spent)
        return judge(self.bundle.policy, self.bundle.book, proposal, facts), facts

    def standing(self, chain_id: int) -> Facts:
        """The facts of a chain before anything is proposed."""
        if chain_id not in self._standing:
            self._standing[chain_id] = self.facts(None, chain_id=chain_id)
        return self._standing[chain_id]

    @cached_property
    def _standing(self) -> dict[int, Facts]:
        return {}

    def facts(
        self, proposal: Proposal | None, at: datetime = AT, spent: Sequence[Spent] = (), chain_id: int = 0
    ) -> Facts:
        """The facts of a chain where all is well."""
        book = self.bundle.book
        chain_id = proposal.chain_id if proposal is not None else chain_id
        coin = book.token(NATIVE, chain_id)
        tokens = [*book.tokens(chain_id), *([coin] if coin is not None else [])]
        entries = [entry for section in book.sections.values() for entry in section]
        pinned = [entry for entry in entries if isinstance(entry, TokenEntry | VenueEntry)]
        plain = [entry for entry in entries if not isinstance(entry, PersonEntry)]
        hashes = {entry.address: entry.code_hash for entry in plain if entry.code_hash}
        hashes |= {
            e.implementation: e.implementation_hash for e in pinned if e.implementation and e.implementation_hash
        }
        simulation = None if proposal is None else self._simulated(proposal)
        values: dict[str, Any] = {
            "at": at,
            "prices": {token.address: Price(usd=self.price(token), source="assumed") for token in tokens},
            "balances": {token.address: PLENTY_BASE_UNITS for token in tokens},
            "code_hashes": hashes,
            "implementations": {entry.address: entry.implementation for entry in pinned if entry.implementation},
            "oracle_gaps_bps": {token.address: Decimal(0) for token in tokens},
            "code_since": {entry.address: LONG_AGO for entry in entries},
            "known_since": {entry.address: LONG_AGO for entry in entries},
            "contract_accounts": {e.address: _as_written(e) for e in pinned if isinstance(e, VenueEntry)},
            "ens": {e.ens: e.address for e in entries if isinstance(e, Entry) and e.ens},
            "authors": (),
            "denials_in_row": 0,
            "drift_bps": Decimal(0),
            "simulation": simulation,
            "fees": Fees(gas_limit=1, max_fee_per_gas=1) if proposal is not None and proposal.calls else None,
            "spent": tuple(spent),
            "portfolio_usd": Decimal(10) ** 9,
            "portfolio_peaks_usd": {breaker.id: Decimal(10) ** 9 for breaker in self.bundle.policy.breakers},
        }
        return Facts(**{name: value for name, value in values.items() if name in Facts.model_fields})

    def effects(self, proposal: Proposal) -> tuple[Effect, ...]:
        """What its bytes do."""
        return derive_effects(proposal, self.bundle.book, static=False)

    def _simulated(self, proposal: Proposal) -> Simulated | None:
        """What a simulation shows in which every call does what its bytes say, and a loan stays healthy."""
        if not proposal.calls:
            return None
        outflows: dict[str, int] = defaultdict(int)
        inflows: dict[str, int] = defaultdict(int)
        recipients: dict[str, int] = defaultdict(int)
        allowances: dict[str, int] = {}
        for effect in self.effects(proposal):
            if effect.kind in SETS_ALLOWANCE and effect.asset and effect.counterparty:
                left = 0 if effect.settled_by is not None else effect.amount or 0
                allowances[allowance_key(effect.asset, effect.counterparty, effect.keeper)] = left
            if effect.kind in LEAVES and effect.asset is not None:
                outflows[effect.asset] += effect.amount or 0
                if effect.kind is Kind.TRANSFER and effect.counterparty:
                    recipients[f"{effect.asset}:{effect.counterparty}"] += effect.amount or 0
            came, amount = None, None
            if effect.kind in COMES_BOUGHT:
                came, amount = effect.bought, effect.bought_minimum
            elif effect.kind in COMES_FROM_POOL:
                came, amount = effect.asset, effect.amount
            if came is not None:
                if effect.counterparty in (None, self.account):
                    inflows[came] += amount or 0
                else:
                    recipients[f"{came}:{effect.counterparty}"] += amount or 0
        return Simulated(
            succeeded=True,
            gas_used=(1,),
            outflows=dict(outflows),
            inflows=dict(inflows),
            recipients=dict(recipients),
            allowances=allowances,
            health_factor_after=Decimal(1000),
        )


def _as_written(entry: VenueEntry) -> ContractAccount:
    return ContractAccount(
        singleton=entry.implementation,
        owners=entry.owners or (),
        threshold=entry.threshold or 0,
        modules=entry.modules or (),
        guard=entry.guard,
        fallback_handler=entry.fallback_handler,
    )
