"""What a simulation adds to a judgement: denials, never permissions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .book import Book
from .effect import Effect, Kind
from .facts import Facts
from .proposal import Proposal
from .verdict import Reason

_LEAVES = frozenset({Kind.TRANSFER, Kind.SWAP, Kind.SUPPLY, Kind.REPAY, Kind.WRAP, Kind.UNWRAP, Kind.NFT_TRANSFER})


def contradicted(effects: Sequence[Effect], proposal: Proposal, book: Book, facts: Facts) -> list[Reason]:
    """Reasons where the calls were not simulated, failed, or moved more out than their bytes permit at most."""
    if facts.static or not proposal.calls:
        return []
    simulation = facts.simulation
    if simulation is None:
        return [Reason(rule="simulation", actual="none", message="the calls could not be simulated, and unknown means no")]
    if not simulation.succeeded:
        why = simulation.failure or "no reason was given"
        return [Reason(rule="simulation", actual=why, message=f"the simulation failed: {why}")]
    most: dict[str, int] = defaultdict(int)
    unbounded = set()
    for effect in effects:
        if effect.asset is not None and effect.kind in _LEAVES:
            if effect.amount is None:
                unbounded.add(effect.asset)
            else:
                most[effect.asset] += effect.amount
    reasons = []
    for asset, moved in simulation.outflows.items():
        if asset not in unbounded and moved > most[asset]:
            label = book.label_of(asset, proposal.chain_id) or asset
            reasons.append(
                Reason(
                    rule="simulation",
                    condition=f"outflow of {label}",
                    actual=str(moved),
                    limit=str(most[asset]),
                    message=f"the simulation moves {moved} base units of {label} out, the calldata shows {most[asset]} at most",
                )
            )
    return reasons
