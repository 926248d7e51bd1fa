"""Provenance: an address counts as a person's only where their recorded words, in that Run, literally hold it."""

from __future__ import annotations

from collections import defaultdict

from ....policies.proposal import Provenance
from .decisions import Decisions
from .exported import Exported
from .report import Report

_SAID_OF_ITSELF = frozenset({Provenance.CHAIN, Provenance.UNTRUSTED})
"""Labels that may only narrow what a rule admits: the guard takes them as the agent gives them."""


def check_provenance(log: Exported, decisions: Decisions, report: Report) -> None:
    """Report on the labels of every judged proposal; the book's own addresses need none."""
    heard: dict[str, str] = defaultdict(str)
    faults: list[str] = []
    for entry in log.of_kind("said", "judged", "cleared"):
        if entry.kind == "said":
            heard[entry.envelope.run] += entry.body.words.lower() + "\n"
            continue
        decision = decisions.by_seq.get(entry.seq)
        if decision is None:
            continue
        for address, label in decision.proposal.provenance.items():
            if label in _SAID_OF_ITSELF:
                continue
            if label is not Provenance.USER or address not in heard[decision.proposal.run]:
                faults.append(f"record {entry.seq} takes {address} as {label.value}, and nobody said it in that Run")
    report.conclude("provenance", faults, "every address taken as a person's was said by one in that Run")
