"""ScriptedEngine: stands where the model stands, and takes the calls that a test wrote down. No weights, no choices.

Its calls go through the very graph, tools, guard and signer that the model's would; only the reading of the request is
replaced (agent.ports.Planner).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...agent.planner import ContextTurn, Limits, Request, Understood
from ...inference import Engine, InferenceError, ModelIdentity, Priority, Session, Turn
from ...tools import Catalog, ToolCall
from ..runner.script import scripted

_IDENTITY = ModelIdentity(
    name="scripted", sha256="0" * 64, build="none", flags=(), n_ctx=0, n_threads=0, n_gpu_layers=0
)


class ScriptedEngine:
    """Every Run takes ``calls``, in their order, whatever its request says. ``unit``: the asset of a bare number.

    Implements inference.Engine as far as an engine without a model can, and agent.ports.Planner.
    """

    def __init__(self, calls: Sequence[ToolCall], *, unit: str = "usdc") -> None:
        self.calls = tuple(calls)
        self.unit = unit
        self.requests: list[str] = []

    @property
    def identity(self) -> ModelIdentity:
        """Of no model."""
        return _IDENTITY

    async def __call__(
        self,
        request: Request,
        catalog: Catalog,
        context_turns: Sequence[ContextTurn],
        engine: Engine | None,
        *,
        limits: Limits,
        priority: Priority,
    ) -> Understood:
        """The calls; the request is kept in ``requests``. Raises ToolError for a call that no tool takes."""
        self.requests.append(request.text)
        return scripted(self.calls, Catalog(catalog.tools, replace(catalog.handles, unit=self.unit)))

    async def open_session(
        self, prefix: Sequence[Turn], *, priority: Priority = Priority.CHAT, deadline_seconds: float | None = None
    ) -> Session:
        """Raises InferenceError: there is no model to ask."""
        raise InferenceError("a scripted engine has no model: it takes the calls of its script, and answers nothing")

    async def aclose(self) -> None:
        """Nothing is held."""
