"""Reads: what a judgement needs of a chain, from the proposal's bytes and the book alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ....wallets.values import NATIVE
from ...book.book import Book
from ...book.contract_kinds import COLLECTIONS
from ...decode import contracts_called, derive_effects
from ...effect import Effect, Kind
from ...facts import allowance_key
from ...kinds import DRAWS, FUNGIBLE_ALLOWANCE
from ...proposal import Proposal
from ..prices.portfolio import PortfolioReads, portfolio_reads
from . import probes
from .accounts import AccountReads, contract_accounts
from .ens import NameReads
from .probes import Probe


@dataclass(frozen=True)
class Reads:
    """What to read for one proposal: probes by what they tell; ``watch``: the recipients to count movements to.
    ``targets``: every contract that the calls run, as far as the bytes say."""

    portfolio: PortfolioReads
    allowances: dict[str, Probe]
    supplies: dict[str, Probe]
    code: dict[str, Probe]
    reserves: tuple[Probe, ...]
    contracts: tuple[str, ...]
    watch: frozenset[str]
    names: NameReads
    accounts: Mapping[str, AccountReads] = field(default_factory=dict)
    targets: tuple[str, ...] = ()

    @property
    def before(self) -> tuple[Probe, ...]:
        """Every probe, once."""
        told = [*self.allowances.values(), *self.supplies.values(), *self.code.values(), *self._own]
        return tuple(dict.fromkeys([*self.portfolio.probes, *told, *self.reserves, *self.names.probes]))

    @property
    def after(self) -> tuple[Probe, ...]:
        """The probes whose answers the calls change."""
        moving = [*self.portfolio.balances.values(), *self.allowances.values(), *self.portfolio.pools]
        return tuple(dict.fromkeys([*moving, *self._own]))

    @property
    def _own(self) -> tuple[Probe, ...]:
        return tuple(probe for account in self.accounts.values() for probe in account.probes)


def reads_of(book: Book, proposal: Proposal, seconds_since_block: int = 1) -> Reads:
    """Which reads a proposal needs, answered so long after the newest block."""
    chain_id, account = proposal.chain_id, proposal.account
    effects = derive_effects(proposal, book)
    portfolio = portfolio_reads(book, chain_id, account, seconds_since_block)
    fungible = [effect for effect in effects if not _is_collection(effect.asset, book, chain_id)]
    opened = [effect for effect in fungible if effect.kind in FUNGIBLE_ALLOWANCE]
    pairs = _pairs([(effect.asset, effect.counterparty) for effect in opened if effect.keeper is None]) | _pairs(
        [(effect.asset, effect.target) for effect in effects if effect.kind in DRAWS]
    )
    asked = {allowance_key(token, spender): probes.allowance(token, account, spender) for token, spender in pairs}
    asked |= _kept_elsewhere(effects, account)
    called = [call.to for call in proposal.calls if call.to is not None]
    ran = {effect.target for effect in effects if effect.target is not None and effect.call is not None}.union(called)
    if any(effect.path for effect in effects):
        ran = ran.union(contracts_called(proposal, book))
    touched = ran.union(*(key.split(":") for key in asked), {one.target for one in effects if one.target is not None})
    named = [address for address in touched if book.knows(address, chain_id)]
    contracts = tuple(dict.fromkeys([*called, *sorted(named)]))
    accounts = contract_accounts(book, chain_id, (account, *contracts))
    pinned = tuple(dict.fromkeys([*contracts, *accounts]))
    return Reads(
        portfolio=portfolio,
        allowances=dict(sorted(asked.items())),
        supplies={token: probes.total_supply(token) for token in sorted({key.split(":")[0] for key in asked})},
        code={address: probes.code_hash(address) for address in (*pinned, *_pinned_behind(pinned, book, chain_id))},
        reserves=_reserves(effects, [pool.to for pool in portfolio.pools]),
        contracts=contracts,
        targets=tuple(sorted(ran - {account})),
        accounts=accounts,
        names=NameReads.of(effects, book, chain_id),
        # A spender is no recipient: what it takes is seen to leave, and what pools pass on through it is not ours.
        watch=frozenset(
            e.counterparty for e in effects if e.counterparty is not None and e.kind not in FUNGIBLE_ALLOWANCE
        ),
    )


def _pinned_behind(contracts: Iterable[str], book: Book, chain_id: int) -> Iterator[str]:
    """The implementations that the book pins: their code is read along, and is right where the proxies are."""
    for address in contracts:
        for entry in (book.venue(address, chain_id), book.token(address, chain_id)):
            if entry is not None and entry.implementation is not None:
                yield entry.implementation


def _pairs(found: Iterable[tuple[str | None, str | None]]) -> set[tuple[str, str]]:
    return {
        (token, spender) for token, spender in found if token not in (None, NATIVE) and spender is not None if token
    }


def _is_collection(asset: str | None, book: Book, chain_id: int) -> bool:
    token = None if asset is None else book.token(asset, chain_id)
    # Their permissions are no numbers: the events are what there is.
    return token is not None and token.kind in COLLECTIONS


def _kept_elsewhere(effects: Iterable[Effect], account: str) -> dict[str, Probe]:
    """Allowances inside Permit2, and what a debt token lets somebody borrow."""
    asked = {}
    for effect in effects:
        if effect.asset is None or effect.counterparty is None:
            continue
        key = allowance_key(effect.asset, effect.counterparty, effect.keeper)
        if effect.kind in FUNGIBLE_ALLOWANCE and effect.keeper is not None:
            asked[key] = probes.kept_allowance(effect.keeper, account, effect.asset, effect.counterparty)
        elif effect.kind is Kind.DELEGATION and effect.amount is not None:
            asked[key] = probes.borrow_allowance(effect.asset, account, effect.counterparty)
    return asked


def _reserves(effects: Iterable[Effect], pools: Sequence[str]) -> tuple[Probe, ...]:
    touched = [
        (effect.target, effect.asset)
        for effect in effects
        if effect.target is not None and effect.target in pools and effect.asset not in (None, NATIVE)
    ]
    return tuple(dict.fromkeys(probes.reserve_data(pool, asset) for pool, asset in touched if asset is not None))
