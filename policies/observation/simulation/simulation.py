"""simulation: what is asked of a simulator, and what it answers, whichever of the three it is (simulate.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from ....wallets.call import Call
from ....wallets.chain import BlockHeader, Log
from ..reads.accounts import Slot
from ..reads.probes import Answers, Probe

PROBE_GAS = 3_000_000
"""No read that we make costs a third of it; a token that burns gas in balanceOf must not starve the others."""
CODE = "code"
"""Stands for a slot where the code of a contract changed."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the calls see around them. ``time``: Unix seconds. ``gas``: the limit by call, None where the node chooses.

    ``gas_price``: wei per gas; it is paid out of ``balance``, which then stands in place of what the account has.
    """

    time: int
    coinbase: str
    prev_randao: str
    gas: tuple[int | None, ...]
    gas_price: int = 0
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Probes before, the calls of ``account``, probes after, and ``slots`` of storage after, on top of ``block``.

    ``watch``: recipients whose native coin is followed where a simulator traces no transfers of it.
    """

    account: str
    calls: tuple[Call, ...]
    before: tuple[Probe, ...]
    after: tuple[Probe, ...]
    slots: tuple[Slot, ...]
    watch: frozenset[str]
    block: BlockHeader
    conditions: Conditions

    def without_calls(self) -> Self:
        """The probes before, alone."""
        return replace(self, calls=(), after=(), slots=(), conditions=replace(self.conditions, gas=()))


@dataclass(frozen=True, slots=True)
class CallResult:
    """One simulated call: whether it succeeded, gas used (refunds taken off), what it returned, and its logs."""

    succeeded: bool
    gas_used: int
    returned: bytes
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """A request's answer. ``calls`` is empty where there were none, or where ``refused`` says why none could be run.

    ``stored``: storage after the calls. ``by``: the method that simulated. ``paid``: wei of gas that left the account.
    ``changed``: every slot of storage, and code, that the calls wrote; None where the method does not tell.
    ``request``: what was asked.
    """

    before: Answers
    after: Answers
    calls: tuple[CallResult, ...]
    refused: str = ""
    stored: Mapping[Slot, int] = field(default_factory=dict)
    by: str = ""
    paid: int = 0
    changed: frozenset[Slot] | None = None
    request: Request | None = None
