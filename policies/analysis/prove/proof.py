"""prove: one query to one policy, answered."""

from __future__ import annotations

from ..worlds import World
from .answers import Answer
from .outflow import prove_outflow
from .queries import OutflowOver, Query
from .search import prove_effect


def prove(query: Query, world: World) -> Answer:
    """Never, possible or unknown. Every example was let through by the engine; a never holds for all proposals."""
    return prove_outflow(query, world) if isinstance(query, OutflowOver) else prove_effect(query, world)
