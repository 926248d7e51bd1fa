"""Checkpoints: each signed by the log key, each root recomputed over the records that it covers, the newest over
all."""

from __future__ import annotations

from ..merkle import CompactRange, leaf_hash
from ..note import BadNote, Checkpoint, read_note
from .exported import Exported
from .report import Report


def check_tree(log: Exported, report: Report) -> list[int]:
    """Report on checkpoints and tree; returns the sizes of the good checkpoints, ascending."""
    checkpoints: list[Checkpoint] = []
    forged: list[str] = []
    for note in log.notes:
        try:
            checkpoint = read_note(note)
        except BadNote as error:
            forged.append(str(error))
            continue
        if checkpoint.origin != log.head.bot:
            forged.append(f"a checkpoint of {checkpoint.origin} lies in the log of {log.head.bot}")
        else:
            checkpoints.append(checkpoint)
    report.conclude(
        "checkpoints",
        forged if forged or checkpoints else ["the log has no checkpoint: nobody signed it"],
        f"{len(checkpoints)} checkpoints are signed by the log key {log.opened.log_key}",
    )
    good, faults = _recompute(log, checkpoints)
    total = len(log.entries)
    if not faults and (not good or good[-1] < total):
        covered = good[-1] if good else 0
        faults.append(f"the newest checkpoint covers {covered} of {total} records: the end is not signed")
    report.conclude("tree", faults, f"the Merkle roots of all checkpoints are those of the records, {total} in all")
    return good


def _recompute(log: Exported, checkpoints: list[Checkpoint]) -> tuple[list[int], list[str]]:
    faults: list[str] = []
    good: list[int] = []
    whole = CompactRange()
    for checkpoint in sorted(checkpoints, key=lambda item: item.size):
        over = f"the checkpoint over {checkpoint.size} records"
        if checkpoint.size > len(log.entries):
            faults.append(f"{over} is signed, and the file has {len(log.entries)}: it was cut")
            continue
        while whole.size < checkpoint.size:
            whole.append(leaf_hash(log.entries[whole.size].link))
        if checkpoint.root != whole.root():
            faults.append(f"{over} was signed for other records than the file holds: edited or forked")
        elif checkpoint.head != log.entries[checkpoint.size - 1].cid:
            faults.append(f"{over} names another newest record, {checkpoint.head}")
        else:
            good.append(checkpoint.size)
    return good, faults
