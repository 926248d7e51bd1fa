"""verify: holds an exported log against itself, its policy and the chain, and needs nothing of the operator.

May import runtime/audit, policies and wallets; never the guard, a configuration or a database.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from ..car import MAX_CAR
from ..errors import UnusableInput
from .bundles import Policies
from .chain import check_chain, skip_chain
from .clearances import check_approvals, check_clearances
from .decisions import check_decisions
from .exported import read_export
from .orders import check_orders
from .provenance import check_provenance
from .report import Finding, Report
from .transactions import check_nonces, check_order
from .tree import check_tree
from .windows import check_windows

__all__ = ["Finding", "Report", "verify"]


def verify(source: Path | bytes, rpc: str | None = None) -> Report:
    """Check an export (a CAR file, or its bytes), and with ``rpc`` the chain; not from inside a running event loop.

    Raises UnusableInput where the source is no log's export, or damaged; ChainError where ``rpc`` does not serve its
    chain.
    """
    report = Report()
    log = read_export(source if isinstance(source, bytes) else _read(source), report)
    if log is None:
        return report
    checkpoints = check_tree(log, report)
    policies = Policies(log, report)
    check_orders(log, report)
    decisions = check_decisions(log, policies, report)
    check_provenance(log, decisions, report)
    check_windows(log, decisions, report)
    approvals = check_approvals(log, policies, decisions, report)
    cleared = check_clearances(log, decisions, approvals, report)
    check_order(log, cleared, checkpoints, report)
    check_nonces(log, cleared, report)
    if rpc is None:
        skip_chain(log, report)
    else:
        asyncio.run(check_chain(log, cleared, rpc, report))
    return report


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_CAR:
            raise UnusableInput(f"{path} has more than {MAX_CAR >> 30} GiB")
        return path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read: {error.strerror}") from error
