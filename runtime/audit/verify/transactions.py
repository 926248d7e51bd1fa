"""Transactions inside the log: cleared, covered by a checkpoint, broadcast and included in that order; no nonce left
out."""

from __future__ import annotations

from bisect import bisect_right

from ..records import Broadcast
from .clearances import ClearedTransaction
from .exported import Entry, Exported
from .report import Report


def check_order(log: Exported, cleared: list[ClearedTransaction], checkpoints: list[int], report: Report) -> None:
    """Report, for each broadcast, that its clearance and a signed checkpoint over it came before."""
            by_hash = {item.clearance.signing_hash: item for item in reversed(cleared)} included =
            {entry.body.hash.lower(): entry.seq for entry in reversed(list(log.of_kind("included")))} for entry in
            log.of_kind("broadcast"): body: Broadcast = entry.body clearance = by_hash.get(body.signing_hash.lower())
            report.conclude( f"order {entry.seq}", _order_faults(entry, clearance, checkpoints,
            included.get(body.hash.lower())), f"transaction {body.hash} was cleared, then covered by a signed
            checkpoint, then sent", ) sent = {entry.body.hash.lower(): entry.seq for entry in
            reversed(list(log.of_kind("broadcast")))} for entry in log.of_kind("included"): if
            sent.get(entry.body.hash.lower(), entry.seq) >= entry.seq: report.refuted(f"order {entry.seq}",
            f"transaction {entry.body.hash} is included without a broadcast before")


        def _order_faults( entry: Entry, cleared: ClearedTransaction | None, checkpoints: list[int], included: int |
        None ) -> list[str]: body: Broadcast = entry.body if cleared is None or cleared.entry.seq >= entry.seq: return
        [f"transaction {body.hash} was sent without a clearance before"] faults = [] if body.nonce !=
        cleared.clearance.nonce: faults.append(f"transaction {body.hash} was sent with nonce {body.nonce}, cleared was
        {cleared.clearance.nonce}") if body.raw_hash is not None and body.raw_hash.lower() != body.hash.lower():
        faults.append(f"the signed bytes of {body.hash} have another hash, {body.raw_hash}") # The guard writes this
        record, signs a checkpoint and sends; the chain's answer is recorded after that. at = bisect_right(checkpoints,
        cleared.entry.seq) covering = checkpoints[at] if at < len(checkpoints) else None if covering is None or
        (included is not None and covering > included): faults.append(f"no checkpoint over record {cleared.entry.seq}
        was signed before {body.hash} was sent") return faults


def recorded_nonces(log: Exported, cleared: list[ClearedTransaction]) -> set[int]:
    """Nonces of the wallet that a record accounts for."""
    nonces = {item.clearance.nonce for item in cleared if item.transaction is not None}
    return nonces | {entry.body.nonce for entry in log.of_kind("foreign_transaction")}


def check_nonces(log: Exported, cleared: list[ClearedTransaction], report: Report) -> None:
    """Report that the wallet's nonces follow without a gap from the log's first to its last."""
    nonces = recorded_nonces(log, cleared)
    first = first_nonce(log, nonces)
    if first is None:
        report.verified("nonces", "the log cleared no transaction")
        return
    end = max(nonces, default=first - 1)
    missing = sorted(set(range(first, end + 1)) - nonces)
    report.conclude(
        "nonces",
        [f"nonce {nonce} of the wallet has no record" for nonce in missing],
        f"every nonce from {first} to {end} has a record" if nonces else "the log cleared no transaction",
    )


def first_nonce(log: Exported, nonces: set[int]) -> int | None:
    """The first nonce that the log answers for."""
    return log.opened.nonce if log.opened.nonce is not None else min(nonces, default=None)
