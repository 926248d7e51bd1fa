"""Fields that several parts of a policy share: ids, kinds of effects, chains, the version."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from ...wallets.hints import nearest
from ..effect import Kind
from ..verdict import GUARD_RULES

_JUDGE_IDS = (
    "no-rule",
    "malformed",
    "clock",
    "chain",
    "nothing",
    "stopped",
    "simulation",
    "claims",
    "code-hash",
    "ens",
    "balance-change",
    "timelock",
)
RESERVED_IDS = GUARD_RULES.union(_JUDGE_IDS)
"""Ids that reasons use for what is in no policy."""


def one_or_more(value: Any) -> Any:
    """A single word or number as the list of it that it stands for."""
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


def read_kind(value: Any) -> Kind:
    """A kind of effect. Raises ValueError with the nearest one."""
    try:
        return Kind(value)
    except ValueError:
        raise ValueError(
            f'"{value}" is no kind of effect{nearest(str(value), [kind.value for kind in Kind])}'
        ) from None


def read_version(value: Any) -> int:
    """1, the only version there is. Raises ValueError."""
    if value != 1 or isinstance(value, bool | Decimal):
        raise ValueError("expected version: 1")
    return 1


def _refuse_reserved(value: str) -> str:
    if value in RESERVED_IDS:
        raise ValueError(f'"{value}" is what reasons call something else: give it another id')
    return value


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", strict=True), AfterValidator(_refuse_reserved)]
Kinds = Annotated[
    tuple[Annotated[Kind, BeforeValidator(read_kind)], ...], BeforeValidator(one_or_more), Field(min_length=1)
]
ChainIds = Annotated[
    tuple[Annotated[int, Field(ge=1, strict=True)], ...], BeforeValidator(one_or_more), Field(min_length=1)
]
