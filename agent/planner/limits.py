"""Limits of one Run. The planner counts its model calls against them, the graph everything else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one Run may do at most: design.md, "The planner"."""

    model_calls: int = 12
    proposals: int = 5
    steps_of_a_plan: int = 5
    chat_turns: int = 4
    answer_tokens: int = 120
    request_characters: int = 2000


class OutOfCalls(Exception):
    """The Run has used its model calls; the planner asks instead of going on."""


@dataclass(slots=True)
class Spent:
    """How many model calls a reading has made so far."""

    limit: int
    model_calls: int = 0

    def call(self) -> None:
        """Count one call before it is made. Raises OutOfCalls past the limit."""
        if self.model_calls >= self.limit:
            raise OutOfCalls(f"{self.limit} model calls are all that one run has")
        self.model_calls += 1
