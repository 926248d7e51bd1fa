"""audit: the log of every decision, its Merkle tree and signed checkpoints, CAR export, and the verifier (verify/).

May import wallets and policies. The guard owns the only AuditLog; the verifier needs nothing of the operator.
"""

from __future__ import annotations

from .errors import AuditError, DamagedLog, NoSuchRecord, RecordRefused, UnusableInput
from .log import AuditLog
from .reading import export, list_rows, show
from .records import did_pkh
from .whole import check_whole

__all__ = [
    "AuditError",
    "AuditLog",
    "DamagedLog",
    "NoSuchRecord",
    "RecordRefused",
    "UnusableInput",
    "check_whole",
    "did_pkh",
    "export",
    "list_rows",
    "show",
]
