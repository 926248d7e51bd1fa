"""Ports: what a Run needs from outside, declared here and wired by runtime: the guard, the context of tools,
confirmations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..inference import Engine, Priority
from ..policies.proposal import Proposal
from ..tools import Catalog, Context
from .planner import ContextTurn, Limits, Request, Understood
from .planner import read as understand


class Guard(Protocol):
    """The guard, seen from the agent: it judges, and the agent reads its answers."""

    async def submit(self, proposal: Proposal) -> dict[str, Any]:
        """The verdict and the intents; the same key and digest gets the first answer again."""
        ...

    async def check(self, proposal: Proposal) -> dict[str, Any]:
        """The verdict that submit would give now; nothing is reserved."""
        ...

    async def wait(self, key: str, seconds: float) -> dict[str, Any]:
        """How the proposal stands once it has ended, or after ``seconds``."""
        ...

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Any other request, as ``open_run`` and ``attest``."""
        ...


class Contexts(Protocol):
    """Makes the Context that a tool's function receives, and the snapshot that a Run begins with."""

    async def context(self, run: str, step: int) -> Context:
        """The context of one step of a Run."""
        ...

    async def snapshot(self) -> dict[str, Any]:
        """Block, balances and prices of the account at one block, as JSON primitives."""
        ...


class Planner(Protocol):
    """Reads one request into typed calls. Whoever stands in for ours is trusted no more than ours: the guard judges."""

    def __call__(
        self,
        request: Request,
        catalog: Catalog,
        context_turns: Sequence[ContextTurn],
        engine: Engine | None,
        *,
        limits: Limits,
        priority: Priority,
    ) -> Awaitable[Understood]:
        """The readings in the order to do them, or one Ask or Refuse."""
        ...


@dataclass(frozen=True)
class Ports:
    """All that the nodes reach. ``confirm`` is asked before a submission where the Run wants it; None says yes."""

    guard: Guard
    contexts: Contexts
    catalog: Catalog
    engine: Engine | None
    priority: Priority = Priority.CHAT
    limits: Limits = field(default_factory=Limits)
    planner: Planner = understand
    confirm: Callable[[str, str], Awaitable[bool]] | None = None
    """Takes run and intent key."""
