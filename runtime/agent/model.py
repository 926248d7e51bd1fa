"""The bot's model: found by its name in the cache, loaded when the first request needs it."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Sequence

from ...inference import Engine, InferenceError, ModelIdentity, Priority, Session, Turn
from ...inference.models import find_model
from ...wallets.errors import TreasurerError
from ..bot.configuration import Model


class LazyEngine:
    """An Engine that loads its model at the first session; plain commands never pay for it."""

    def __init__(self, configuration: Model) -> None:
        self._configuration = configuration
        self._engine: Engine | None = None
        self._loading = asyncio.Lock()

    @property
    def identity(self) -> ModelIdentity:
        """The loaded model's identity. Raises TreasurerError before the first session."""
        if self._engine is None:
            raise TreasurerError("the model was not loaded yet")
        return self._engine.identity

    async def open_session(
        self, prefix: Sequence[Turn], *, priority: Priority = Priority.CHAT, deadline_seconds: float | None = None
    ) -> Session:
        """A session of the model. Raises InferenceError where it cannot be loaded."""
        async with self._loading:
            if self._engine is None:
                from ...inference import open_engine

                name, layers = self._configuration.name, self._configuration.gpu_layers
                self._engine = await open_engine(name, gpu_layers=layers)
        return await self._engine.open_session(prefix, priority=priority, deadline_seconds=deadline_seconds)

    async def aclose(self) -> None:
        """Free the model, if it was loaded."""
        if self._engine is not None:
            await self._engine.aclose()
            self._engine = None


def engine_of(configuration: Model) -> LazyEngine | None:
    """The configured model; None where it or llama.cpp is not here: then only plain commands are understood."""
    if importlib.util.find_spec("llama_cpp") is None:
        return None
    try:
        find_model(configuration.name)
    except InferenceError:
        return None
    return LazyEngine(configuration)
