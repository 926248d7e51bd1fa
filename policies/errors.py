"""The error tree of policies.

PolicyError                a policy, a book or a batch of proposals that cannot be used (exit 2)
├── DocumentError          a YAML document that does not load: every fault with its file, line and column
└── LedgerError            a step of a reservation that the ledger does not have (exit 3)
"""

from __future__ import annotations

from ..wallets.errors import TreasurerError


class PolicyError(TreasurerError):
    """What was given to policies cannot be used; the message says what to write instead."""

    exit_status = 2


class DocumentError(PolicyError):
    """A document that does not load. ``faults`` are whole sentences that begin with ``file:line:column``."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class LedgerError(PolicyError):
    """The ledger refuses: nothing is reserved under this intent, or it was settled and cannot be given back."""

    exit_status = 3
