"""Conditions on what moves: asset, sell, buy."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ValidationInfo

from ..book.book import Book
from ..effect import Kind
from ..kinds import WITHOUT_ASSET
from ..worth import Unknown
from .condition import Condition, Decided, Field, Subject, Truth
from .names import Assets


@dataclass(frozen=True)
class AssetCondition(Condition):
    """Base: one asset of the effect is among those named. An effect that has no such asset fails it."""

    by_shape: ClassVar[bool] = True
    among: Assets

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """A token's label, a list of labels, ``native``, or ``{book: tokens}``."""
        return cls(Assets.parse(value, info))

    @staticmethod
    @abstractmethod
    def field(kind: Kind) -> Field | None:
        """The field of such an effect that is its ``asset`` where it is known; None where it never has one."""

    @abstractmethod
    def asset(self, subject: Subject) -> str | Unknown | None:
        """The asset that is held against the names; None where the effect has none."""

    def decided(self, kind: Kind, book: Book, chain_id: int) -> Decided | bool | None:
        """By the asset, where the effect has it."""
        field = self.field(kind)
        return field is not None and Decided(field, self.among.members(book, chain_id))

    def judge(self, subject: Subject) -> Truth:
        """Whether the asset is among those named."""
        asset = self.asset(subject)
        if isinstance(asset, Unknown):
            return asset
        return asset is not None and self.among.contains(asset, subject)

    def actual(self, subject: Subject) -> str:
        """The asset by its name."""
        asset = self.asset(subject)
        return asset.what if isinstance(asset, Unknown) else "none" if asset is None else subject.name(asset)

    def limit(self) -> str:
        """The names."""
        return self.among.words()


class AssetMoved(AssetCondition):
    """The asset that leaves, is permitted to leave, or is borrowed; of a swap what is sold."""

    name: ClassVar[str] = "asset"
    how: ClassVar[str] = "[usdc, dai]"

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """The asset, of every kind."""
        return "asset"

    def asset(self, subject: Subject) -> str | Unknown | None:
        """The effect's asset."""
        effect = subject.effect
        if effect.asset is None and effect.kind not in WITHOUT_ASSET:
            return subject.unknown("the asset")
        return effect.asset


class Sell(AssetCondition):
    """What a swap sells."""

    name: ClassVar[str] = "sell"
    how: ClassVar[str] = "[usdc, weth]"

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """The asset, of a swap."""
        return "asset" if kind is Kind.SWAP else None

    def asset(self, subject: Subject) -> str | Unknown | None:
        """The asset sold; None where nothing is swapped."""
        if subject.effect.kind is not Kind.SWAP:
            return None
        return subject.effect.asset or subject.unknown("what is sold")


class Buy(AssetCondition):
    """What a swap buys."""

    name: ClassVar[str] = "buy"
    how: ClassVar[str] = "[usdc, weth]"

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """What is bought, of a swap."""
        return "bought" if kind is Kind.SWAP else None

    def asset(self, subject: Subject) -> str | Unknown | None:
        """The asset bought; None where nothing is swapped."""
        if subject.effect.kind is not Kind.SWAP:
            return None
        return subject.effect.bought or subject.unknown("what is bought")
