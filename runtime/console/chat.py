"""Chat: a conversation with a bot. The agent plans and asks; what counts as decided is what the guard says itself."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from ...agent import Ended, Judged, Proposed, TextDelta, Waiting
from ...policies.explain.reasons import reason_line
from ...wallets.errors import TreasurerError
from ..agent.agent import AnyEvent
from ..agent.client import AgentClient
from ..bot.folder import BotFolder
from ..guard import open_guard
from .interrupts import Interrupted, Interrupts
from .lines import Lines
from .orders import obey
from .rendering import SHORT_DIGEST, approvers, told
from .screen import Screen

TURNS = 4
"""What a request is read with: earlier turns, each as the person's text and one sentence of what came of it."""
SENTENCE_CHARACTERS = 200
DONE, INTERRUPTED = 0, 130
YES = frozenset({"y", "yes"})


class Chat:
    """One person's conversation with one bot."""

    def __init__(self, folder: BotFolder, agent: AgentClient, lines: Lines, screen: Screen, person: str) -> None:
        self._folder = folder
        self.agent = agent
        self.lines = lines
        self.screen = screen
        self.person = person
        self._turns: deque[dict[str, str]] = deque(maxlen=TURNS)
        self._interrupts = Interrupts()
        self._asking: tuple[str, str] | None = None
        self._left: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, str] = {}

    async def guard(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the guard itself; the agent has no part in it."""
        async with open_guard(self._folder) as guard:
            return await guard.ask(method, **params)

    async def run(self) -> int:
        """Talk until the person leaves: the exit status."""
        status = await self.guard("status")
        self.screen.line(
            f"{status['name']}, {status['mode']} on chain {status['chain_id']}; /help tells what you can say"
        )
        try:
            return await self._converse()
        finally:
            for task in self._left.values():
                task.cancel()
            await asyncio.gather(*self._left.values(), return_exceptions=True)

    async def settle(self, digest: str) -> bool:
        """Wait for the end of the Run of this chat that waited under ``digest``; False where none did."""
        run = next((name for waiting, name in self._waiting.items() if waiting.startswith(digest)), None)
        task = self._left.get(run or "")
        if task is None:
            return False
        with contextlib.suppress(Interrupted):
            await self._interrupts.watch(_ended(task))
        return True

    async def _converse(self) -> int:
        pressed = False
        while True:
            try:
                line = await self._interrupts.watch(self._prompt())
            except Interrupted:
                if pressed:
                    return INTERRUPTED
                pressed = True
                self.lines.forget()
                self.screen.line("  once more, or /quit, to leave")
                continue
            pressed = False
            if line is None:
                return DONE
            try:
                if line.startswith("/"):
                    if not await self._interrupts.watch(obey(self, line)):
                        return DONE
                elif line:
                    await self._request(line)
            except Interrupted:
                self.screen.line("interrupted")
            except TreasurerError as error:
                self.screen.line(str(error), "red")
                if error.next_command:
                    self.screen.line(f"next: {error.next_command}")

    async def _prompt(self) -> str | None:
        if self.lines.is_terminal:
            self.screen.ask("> ")
        line = await self.lines.next()
        return None if line is None else line.strip()

    async def _request(self, text: str) -> None:
        """One Run, watched to its end or to where it waits for others; interrupted, it goes on without us."""
        run = uuid.uuid4().hex
        events = self._events(run, text, [*self._turns])
        sentence = "interrupted; it went on"
        try:
            sentence = await self._interrupts.watch(self._watch(events))
        except Interrupted:
            await self._interrupted(run, text)
        finally:
            self._turns.append({"text": text, "outcome": sentence[:SENTENCE_CHARACTERS]})

    def _events(self, run: str, text: str, turns: list[dict[str, str]]) -> AsyncIterator[AnyEvent]:
        return self.agent.stream(run, text, trigger="chat", asked_by=self.person, confirm=True, turns=turns)

    async def _interrupted(self, run: str, text: str) -> None:
        if self._asking is not None:
            asked, key = self._asking
            self._asking = None
            await self.agent.confirm(asked, key, yes=False)
            self.screen.line("not confirmed: nothing was submitted")
            return
        self.screen.line(f"left: run {run[:SHORT_DIGEST]} goes on without you; /status tells how it stands")
        self._left[run] = asyncio.create_task(self._finish(self.agent.follow(run), quiet=True))

    async def _watch(self, events: AsyncIterator[AnyEvent]) -> str:
        """Show events until the Run ends or waits; what came of it in one sentence."""
        async for event in events:
            match event:
                case TextDelta():
                    self.screen.piece(event.text)
                case Proposed():
                    await self._proposed(event)
                case Judged():
                    await self._judged(event)
                case Waiting():
                    return await self._waits(event, events)
                case Ended():
                    self._said_end(event)
                    return f"{event.outcome}: {event.message}"
                case _:
                    self.screen.lines(told(event), "green")
        return "ended"

    async def _proposed(self, event: Proposed) -> None:
        self.screen.line(f"step {event.step}: {event.purpose or event.call}", "bold")
        if not event.confirm and event.verdict != "deny":
            return
        self.screen.verdict("guard, asked before", event.verdict, [*event.rendered, *event.reasons])
        if event.verdict == "deny":
            if event.confirm:
                await self.agent.confirm(event.run, event.key, yes=False)
            return
        self._asking = event.run, event.key
        self.lines.forget()
        self.screen.ask("submit it? [y/N] ")
        answer = await self.lines.next()
        if not self.lines.is_terminal:
            self.screen.line(answer or "")
        self._asking = None
        if not await self.agent.confirm(event.run, event.key, yes=(answer or "").strip().lower() in YES):
            self.screen.line("too late: nobody waits for that answer any more")

    async def _judged(self, event: Judged) -> None:
        """The verdict on what was submitted, asked of the guard itself."""
        answer = await self.guard("wait", key=event.key, seconds=0)
        reasons = [reason_line(reason) for reason in answer["reasons"]]
        self.screen.verdict("guard", answer["verdict"], [*answer["rendered"], *reasons])

    async def _waits(self, event: Waiting, events: AsyncIterator[AnyEvent]) -> str:
        """Show who must approve; the Run is watched from aside, so that the person can approve at this same screen."""
        shown = await self.guard("approval_show", digest=event.digest)
        self.screen.lines(approvers(shown), "yellow")
        self.screen.line(f"approve it here: /approve {event.digest[:SHORT_DIGEST]} --keystore FILE")
        self._waiting[event.digest] = event.run
        self._left[event.run] = asyncio.create_task(self._finish(events))
        return "it waits for people's approval"

    async def _finish(self, events: AsyncIterator[AnyEvent], *, quiet: bool = False) -> None:
        """Say how a Run ends that the person no longer watches. ``quiet``: only its end, what came before was shown."""
        try:
            async for event in events:
                if isinstance(event, Ended):
                    self._said_end(event)
                elif not quiet and not isinstance(event, TextDelta | Waiting | Proposed | Judged):
                    self.screen.lines(told(event), "green")
        except TreasurerError as error:
            self.screen.line(f"out of sight: {error}; /status tells", "red")

    def _said_end(self, event: Ended) -> None:
        if event.outcome != "answered":
            good = event.outcome == "finished"
            self.screen.line(f"{event.outcome}: {event.message}", "green" if good else "yellow")
        self.screen.close()


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})
