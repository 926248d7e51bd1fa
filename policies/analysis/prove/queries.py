"""Query: what people ask of a policy, in words that a command line and an answer share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ....wallets.hints import nearest
from ...book.book import Book
from ...conditions.bounds import write_number
from ...documents.duration import write_seconds
from ...effect import Effect, Kind
from ...errors import PolicyError
from ...kinds import VALUE_TO_SOMEBODY
from ...worth import Unknown, in_usd
from ..shapes import Shape
from ..worlds import World

STRANGER = "stranger"


@dataclass(frozen=True)
class Query:
    """``alone``: only what passes without people counts; otherwise an escalation counts too."""

    alone: bool = False

    @property
    def words(self) -> str:
        """The question, as an answer repeats it."""
        raise NotImplementedError

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of effects that can be what is asked."""
        raise NotImplementedError

    def speaks_of(self, shape: Shape, world: World) -> bool:
        """Whether an effect of this shape can be what is asked."""
        raise NotImplementedError

    @property
    def above_usd(self) -> Decimal | None:
        """The effect must be worth more than so many USD."""
        return None

    @property
    def above_bps(self) -> Decimal | None:
        """The swap must lose more than so many hundredths of a percent."""
        return None


@dataclass(frozen=True)
class GivesTo(Query):
    """Value, or the right to take it, to a stranger or to a label of the book, above an amount."""

    to: str = STRANGER
    usd: Decimal | None = None

    @property
    def words(self) -> str:
        """``a transfer to a stranger``."""
        whom = "a stranger" if self.to == STRANGER else self.to
        more = "" if self.usd is None else f" above USD {write_number(self.usd)}"
        return f"a transfer to {whom}{more}{' without people' if self.alone else ''}"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All that give somebody value, or the right to take it."""
        return tuple(kind for kind in Kind if kind in VALUE_TO_SOMEBODY)

    def speaks_of(self, shape: Shape, world: World) -> bool:
        """Whether it is given to that one."""
        if shape.effect.is_of_votes:
            return False
        party = shape.party
        if self.to == STRANGER:
            return party == world.stranger
        return party in addresses_of(world.bundle.book, self.to, shape.chain_id)

    @property
    def above_usd(self) -> Decimal | None:
        """The bound asked for."""
        return self.usd


@dataclass(frozen=True)
class HasKind(Query):
    """An effect of a kind."""

    kind: Kind = Kind.TRANSFER

    @property
    def words(self) -> str:
        """``a delegatecall``."""
        return f"an effect of the kind {self.kind.value}{' without people' if self.alone else ''}"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """That one."""
        return (self.kind,)

    def speaks_of(self, shape: Shape, world: World) -> bool:
        """Every shape of the kind."""
        return True


@dataclass(frozen=True)
class SlippageOver(Query):
    """A swap that may lose more than so much against the oracle."""

    bps: Decimal = Decimal(0)

    @property
    def words(self) -> str:
        """``a swap with more than 50 bps of slippage``."""
        return (
            f"a swap with more than {write_number(self.bps)} bps of slippage{' without people' if self.alone else ''}"
        )

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Swaps."""
        return (Kind.SWAP,)

    def speaks_of(self, shape: Shape, world: World) -> bool:
        """Every swap."""
        return True

    @property
    def above_bps(self) -> Decimal | None:
        """The bound asked for."""
        return self.bps


@dataclass(frozen=True)
class OutflowOver(Query):
    """More than so many USD out within a window, by however many proposals."""

    usd: Decimal = Decimal(0)
    window: int = 86400

    @property
    def words(self) -> str:
        """``more than USD 25000 out within 24h``."""
        span = write_seconds(self.window)
        return f"more than USD {write_number(self.usd)} out within {span}{' without people' if self.alone else ''}"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind: each may count as outflow."""
        return tuple(Kind)

    def speaks_of(self, shape: Shape, world: World) -> bool:
        """Every shape."""
        return True


def addresses_of(book: Book, label: str, chain_id: int) -> set[str]:
    """What a label (or ``section.label``) stands for on a chain."""
    section, dot, name = label.partition(".")
    sections = [section] if dot else [known for known in book.sections if known != "people"]
    found = (book.section(where, chain_id).get(name if dot else label) for where in sections)
    return {address for address in found if address is not None}


def known_label(book: Book, label: str) -> str:
    """The label, where the book has it. Raises PolicyError with the nearest."""
    section, dot, name = label.partition(".")
    places = [section] if dot else list(book.sections)
    if label == STRANGER or any((name if dot else label) in book.labels(place) for place in places):
        return label
    known = {STRANGER, *(other for place in book.sections for other in book.labels(place))}
    raise PolicyError(f'the book has no label "{label}"{nearest(label, known)}')


def is_asked(query: Query, world: World, chain_id: int) -> Callable[[Effect, Shape], bool]:
    """Whether a concrete effect, found by the engine, is what was asked."""

    def asked(effect: Effect, shape: Shape) -> bool:
        same = effect.kind is shape.kind and (effect.asset, effect.counterparty) == (
            shape.effect.asset,
            shape.effect.counterparty,
        )
        return same and _numbers(query, world, chain_id, effect)

    return asked


def _numbers(query: Query, world: World, chain_id: int, effect: Effect) -> bool:
    if query.above_usd is None and query.above_bps is None:
        return True
    facts = world.standing(chain_id)
    book = world.bundle.book
    sold = Unknown("the amount")
    worth = (
        sold
        if effect.asset is None or effect.amount is None
        else in_usd(effect.asset, effect.amount, book, chain_id, facts)
    )
    if isinstance(worth, Unknown):
        return False
    if query.above_usd is not None:
        return worth > query.above_usd
    least = in_usd(effect.bought or "", effect.bought_minimum or 0, book, chain_id, facts)
    assert query.above_bps is not None
    return not isinstance(least, Unknown) and (worth - least) * 10_000 > query.above_bps * worth
