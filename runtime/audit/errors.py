"""The error tree of the audit log.

TreasurerError
└── AuditError            the log cannot be written or read: the guard stops before it would act unlogged
    ├── RecordRefused     a body that does not fit the schema of its kind
    ├── NoSuchRecord      no record has that number or CID
    ├── DamagedLog        the guard's database no longer holds what was written
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


class DamagedLog(AuditError):
    """The guard's database no longer holds what was written; the guard does not start on it."""

    next_command = "treasurer audit verify FILE.car"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}. The guard's database was changed or damaged, and the guard does not start on it: restore the"
            " bot's guard folder from a backup; your last `treasurer audit export` shows what stood there"
        )


class UnusableInput(AuditError):
    """What should be verified is not a CAR of a log, or it is damaged."""

    exit_status = 2
