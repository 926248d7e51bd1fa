"""Shapes: every combination of what an effect can name (asset, recipient, venue ..), without its numbers.

A stranger stands for all addresses that the book does not have: to a policy they are one, because conditions name
labels and sections alone. Amounts, deadlines and minima are left to the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from ...wallets.values import NATIVE
from ..book.contract_kinds import FUNGIBLE
from ..effect import Effect, Kind
from ..kinds import ALLOWABLE, HAS_POSITION, WRAPS
from ..language.policy import Policy
from ..proposal import Provenance
from .worlds import World

_BY_PAYMENT = (Kind.TRANSFER, Kind.APPROVAL, Kind.PERMIT)


@dataclass(frozen=True)
class Shape:
    """One effect as a template: its amount is one whole unit of its asset. ``provenance`` is that of its recipient."""

    chain_id: int
    effect: Effect
    provenance: Provenance = Provenance.UNTRUSTED

    @property
    def kind(self) -> Kind:
        """The kind of the effect."""
        return self.effect.kind

    @property
    def party(self) -> str | None:
        """Who gets what the effect moves, or whose position it changes."""
        effect = self.effect
        return effect.counterparty if effect.counterparty is not None else effect.on_behalf_of


class Shapes:
    """The shapes of a world. Only what some rule asks about is told apart: venues, and where an address came from."""

    def __init__(self, world: World, policies: Iterable[Policy] | None = None) -> None:
        self._world = world
        self._policies = tuple(policies) if policies is not None else (world.bundle.policy,)

    def of(self, kind: Kind) -> Iterator[Shape]:
        """All shapes of one kind, on each chain of the policies."""
        if kind not in ALLOWABLE:
            return
        for chain_id in self._chains:
            for effect in self._effects(kind, chain_id):
                yield from self._by_provenance(chain_id, effect)

    @cached_property
    def _chains(self) -> list[int]:
        return sorted({chain_id for policy in self._policies for chain_id in policy.chains})

    def _asks(self, kind: Kind, name: str) -> bool:
        rules = [rule for policy in self._policies for rule in policy.rules_for(kind)]
        return any(condition.name == name for rule in rules for condition in rule.when)

    def _by_provenance(self, chain_id: int, effect: Effect) -> Iterator[Shape]:
        strange = self._world.stranger in (effect.counterparty, effect.on_behalf_of)
        asked = strange and self._asks(effect.kind, "provenance")
        for label in Provenance if asked else (Provenance.UNTRUSTED,):
            yield Shape(chain_id, effect, label)

    def _parties(self, chain_id: int) -> list[str]:
        """The account, a stranger, and each address of the book."""
        book = self._world.bundle.book
        listed = {address for name in book.sections for address in book.section(name, chain_id).values()}
        return [self._world.account, self._world.stranger, *sorted(listed)]

    def _effects(self, kind: Kind, chain_id: int) -> Iterator[Effect]:
        if kind in _BY_PAYMENT:
            return self._payments(kind, chain_id)
        if kind in WRAPS:
            return self._wrapping(kind, chain_id)
        if kind is Kind.SWAP:
            return self._swaps(chain_id)
        if kind in HAS_POSITION:
            return self._positions(kind, chain_id)
        return self._others(kind, chain_id)

    def _tokens(self, chain_id: int) -> list[str]:
        return [token.address for token in self._world.bundle.book.tokens(chain_id)]

    def _fungible(self, chain_id: int) -> list[str]:
        tokens = self._world.bundle.book.tokens(chain_id)
        return [token.address for token in tokens if token.kind in FUNGIBLE]

    def _venues(self, chain_id: int) -> list[str]:
        return [venue.address for venue in self._world.bundle.book.venues(chain_id)]

    def _payments(self, kind: Kind, chain_id: int) -> Iterator[Effect]:
        assets = [*self._fungible(chain_id), *([NATIVE] if kind is Kind.TRANSFER else [])]
        asked = self._venues(chain_id) if self._asks(kind, "venue") else []
        for asset, to in product(assets, self._parties(chain_id)):
            for target in dict.fromkeys([to if asset == NATIVE else asset, *asked]):
                yield self._effect(kind, chain_id, asset, target=target, counterparty=to)

    def _swaps(self, chain_id: int) -> Iterator[Effect]:
        assets = [*self._fungible(chain_id), NATIVE]
        for venue, sold, bought, to in product(self._venues(chain_id), assets, assets, self._parties(chain_id)):
            if sold != bought:
                more = {"bought": bought, "bought_minimum": 1, "counterparty": to}
                yield self._effect(Kind.SWAP, chain_id, sold, target=venue, **more)

    def _positions(self, kind: Kind, chain_id: int) -> Iterator[Effect]:
        """Of lending, and of vaults; native coin goes in through gateways."""
        assets = [*self._fungible(chain_id), NATIVE]
        for venue, asset, owner in product(self._venues(chain_id), assets, self._parties(chain_id)):
            to = {"counterparty": owner} if kind is Kind.WITHDRAW else {}
            yield self._effect(kind, chain_id, asset, target=venue, on_behalf_of=owner, **to)

    def _wrapping(self, kind: Kind, chain_id: int) -> Iterator[Effect]:
        wrapped = self._world.bundle.book.wrapped_native(chain_id)
        if wrapped is None:
            return
        asset, bought = (NATIVE, wrapped.address) if kind is Kind.WRAP else (wrapped.address, NATIVE)
        for target, to in product([wrapped.address, *self._venues(chain_id)], self._parties(chain_id)):
            if target == wrapped.address and to != self._world.account:
                continue  # the contract itself wraps and unwraps for its caller alone
            yield self._effect(kind, chain_id, asset, target=target, counterparty=to, bought=bought)

    def _others(self, kind: Kind, chain_id: int) -> Iterator[Effect]:
        """Kinds without an amount that could be priced."""
        tokens, venues, parties = self._tokens(chain_id), self._venues(chain_id), self._parties(chain_id)
        own = self._world.account
        if kind is Kind.REVOCATION:
            for asset, to in product(tokens, parties):
                yield Effect(kind=kind, asset=asset, amount=0, target=asset, counterparty=to)
        elif kind is Kind.NFT_TRANSFER:
            for asset, to in product(sorted(set(tokens) - set(self._fungible(chain_id))), parties):
                yield Effect(kind=kind, asset=asset, target=asset, counterparty=to, on_behalf_of=own)
        elif kind is Kind.DELEGATION:
            for asset, to in product(dict.fromkeys([*tokens, *venues]), parties):
                yield Effect(kind=kind, asset=asset, target=asset, counterparty=to, note="votes")
                yield Effect(kind=kind, asset=asset, amount=1, target=asset, counterparty=to, note="debt")
        elif kind is Kind.MESSAGE:
            yield Effect(kind=kind)
        else:
            for target in dict.fromkeys([*venues, *tokens]):
                yield Effect(kind=kind, target=target)

    def _effect(self, kind: Kind, chain_id: int, asset: str, **fields: object) -> Effect:
        token = self._world.bundle.book.token(asset, chain_id)
        assert token is not None
        return Effect.model_validate({"kind": kind, "asset": asset, "amount": 10**token.decimals, **fields})
