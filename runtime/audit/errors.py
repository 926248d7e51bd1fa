"""The error tree of the audit log.

TreasurerError
└── AuditError            the log cannot be written or read: the guard stops before it would act unlogged
    ├── RecordRefused     a body that does not fit the schema of its kind
    ├── NoSuchRecord      no record has that number or CID
    └── UnusableInput     a file that is no export of a log, or a damaged one (exit 2)
"""

from __future__ import annotations

from ...wallets.errors import TreasurerError


class AuditError(TreasurerError):
    """Root of the errors of the audit log."""


class RecordRefused(AuditError):
    """The body does not fit the schema of its kind; nothing was written."""


class NoSuchRecord(AuditError):
    """No record has that number or CID."""

    exit_status = 2
    next_command = "treasurer audit log"


class UnusableInput(AuditError):
    """What should be verified is not a CAR of a log, or it is damaged."""

    exit_status = 2
