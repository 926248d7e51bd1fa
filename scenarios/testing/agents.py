"""TestedDevnet: a devnet that makes agents for tests; AgentOnDevnet: one of them, with a bot of its own."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...inference import Engine
from ...runtime.agent import Agent, RunResult
from ...runtime.bot.folder import BotFolder
from ...tools import Tool
from ..devnet import Devnet
from ..runner.bot import add_to_book, put_policy, sign_policy, until_ended
from ..runner.document import PolicyPart
from .bots import make_bot
from .engine import ScriptedEngine


@dataclass(frozen=True)
class TestedDevnet(Devnet):
    """A running devnet with ``agent``. ``place``: where its bots lie, until it is stopped."""

    __test__ = False  # pytest: this is no collection of tests

    place: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="treasurer-tests-")))

    def agent(
        self,
        *,
        engine: Engine | None = None,
        tools: Sequence[Tool] = (),
        book: Mapping[str, Mapping[str, Any]] | None = None,
        policy: str | None = None,
    ) -> AgentOnDevnet:
        """An agent with a new bot: 10 ETH, 50,000 USDC, the conservative policy, payees alice and bob.

        ``engine``: without one only plain commands are understood. ``book``: further entries by section and label.
        ``policy``: the text of another policy.
        """
        bot = make_bot(Path(tempfile.mkdtemp(dir=self.place)) / "bot", self)
        if book or policy:
            add_to_book(bot, book or {})
            if policy is not None:
                put_policy(bot, PolicyPart(text=policy))
            sign_policy(bot)
        return AgentOnDevnet(bot, engine, tuple(tools))

    def stop(self) -> None:
        """End the node and remove the bots."""
        super().stop()
        shutil.rmtree(self.place, ignore_errors=True)


@dataclass(frozen=True)
class AgentOnDevnet:
    """``run`` plays one Run and closes the bot again; ``open`` keeps it open for several."""

    bot: BotFolder
    engine: Engine | None
    tools: tuple[Tool, ...]

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Agent]:
        """The Agent, with guard and signer as processes of their own; they have ended when this is left."""
        planner: dict[str, Any] = {"planner": self.engine} if isinstance(self.engine, ScriptedEngine) else {}
        async with Agent.open(self.bot, tools=self.tools, engine=self.engine, model=False, **planner) as agent:
            yield agent
        await until_ended(self.bot)

    async def run(self, request: str, **options: Any) -> RunResult:
        """What came of a request: ``outcome``, ``verdicts``, ``hashes``, ``reasons``, ``rendered``."""
        async with self.open() as agent:
            return await agent.run(request, **options)
