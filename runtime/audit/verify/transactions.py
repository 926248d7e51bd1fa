"""Transactions inside the log: cleared, covered by a checkpoint, sent, included, in that order; no nonce left out."""

from __future__ import annotations

from bisect import bisect_right

from ..records import Broadcast
from .clearances import ClearedTransaction
from .exported import Entry, Exported
from .report import Report


def check_order(log: Exported, cleared: list[ClearedTransaction], checkpoints: list[int], report: Report) -> None:
    """Report, for each broadcast, that its clearance and a signed checkpoint over it came before."""
    by_hash = {item.clearance.signing_hash: item for item in reversed(cleared)}
    included = _first_of(log, "included")
    sent = _first_of(log, "broadcast")
    for entry in log.of_kind("broadcast"):
        body: Broadcast = entry.body
        clearance = by_hash.get(body.signing_hash.lower())
        report.conclude(
            f"order {entry.seq}",
            _order_faults(entry, clearance, checkpoints, included.get(body.hash.lower())),
            f"transaction {body.hash} was cleared, then covered by a signed checkpoint, then sent",
        )
    for transaction, seq in included.items():
        if sent.get(transaction, seq) >= seq:
            report.refuted(f"order {seq}", f"transaction {transaction} is included without a broadcast before")


def _first_of(log: Exported, kind: str) -> dict[str, int]:
    """The first record of this kind, by transaction hash."""
    return {entry.body.hash.lower(): entry.seq for entry in reversed(list(log.of_kind(kind)))}


def _order_faults(
    entry: Entry, cleared: ClearedTransaction | None, checkpoints: list[int], included: int | None
) -> list[str]:
    body: Broadcast = entry.body
    if cleared is None or cleared.entry.seq >= entry.seq:
        return [f"transaction {body.hash} was sent without a clearance before"]
    faults = []
    nonce = cleared.clearance.nonce
    if body.nonce != nonce:
        faults.append(f"transaction {body.hash} was sent with nonce {body.nonce}, and nonce {nonce} was cleared")
    if body.raw_hash is not None and body.raw_hash.lower() != body.hash.lower():
        faults.append(f"the signed bytes of {body.hash} have another hash, {body.raw_hash}")
    # The guard writes this record, signs a checkpoint and sends; the chain's answer is recorded after that.
    at = bisect_right(checkpoints, cleared.entry.seq)
    covering = checkpoints[at] if at < len(checkpoints) else None
    if covering is None or (included is not None and covering > included):
        faults.append(f"no checkpoint over record {cleared.entry.seq} was signed before {body.hash} was sent")
    return faults


def recorded_nonces(log: Exported, cleared: list[ClearedTransaction]) -> set[int]:
    """Nonces of the wallet that a record accounts for."""
    nonces = {item.clearance.nonce for item in cleared if item.transaction is not None}
    return nonces | {entry.body.nonce for entry in log.of_kind("foreign_transaction")}


def check_nonces(log: Exported, cleared: list[ClearedTransaction], report: Report) -> None:
    """Report that the wallet's nonces follow without a gap from the log's first to its last."""
    nonces = recorded_nonces(log, cleared)
    if not nonces:
        report.verified("nonces", "the log cleared no transaction")
        return
    first, end = first_nonce(log, nonces), max(nonces)
    report.conclude(
        "nonces",
        [f"nonce {nonce} of the wallet has no record" for nonce in sorted(set(range(first, end + 1)) - nonces)],
        f"every nonce from {first} to {end} has a record",
    )


def first_nonce(log: Exported, nonces: set[int]) -> int:
    """The first nonce that the log answers for: the wallet's when it was opened, else the first recorded one."""
    return log.opened.nonce if log.opened.nonce is not None else min(nonces, default=0)
