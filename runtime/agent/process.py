"""The agent process's start, its end, and its watch over the guard."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from ...wallets.errors import TreasurerError
from ..automation import Automations, open_automations
from ..bot.configuration import read_configuration
from ..bot.folder import BotFolder
from ..guard import GuardClient
from ..processes.ipc import NotRunning, serve
from ..processes.lifetime import termination, until_needed_no_more
from ..processes.logs import PROCESS_LOG, logger_to
from .agent import Agent
from .feed import Confirmations
from .model import engine_of
from .service import AgentService
from .work import Work

GUARD_SECONDS = 2.0
"""Between looks whether the guard still answers."""
_LOOK_SECONDS = 0.2


class GuardLost(TreasurerError):
    """The guard that this agent was connected to has ended; the next agent finds the next guard."""


async def run(folder: BotFolder, *, stay: bool, automations: bool) -> None:
    """Open the bot, take up its unfinished Runs, and answer until ended. Raises GuardLost, TreasurerError."""
    configuration = read_configuration(folder.configuration)
    logger = logger_to(sys.stderr, PROCESS_LOG, process="agent")
    ended = termination()
    confirmations = Confirmations()
    async with contextlib.AsyncExitStack() as stack:
        engine = engine_of(configuration.model)
        if engine is not None:
            stack.push_async_callback(engine.aclose)
        agent = await stack.enter_async_context(Agent.open(folder, engine=engine, confirm=confirmations.ask))
        work = Work(agent, logger)
        stack.push_async_callback(work.close)
        fired: Automations | None = None
        if automations:
            fired = await stack.enter_async_context(open_automations(agent, work, engine, logger))
        server = await serve(folder.agent_socket, AgentService(agent, work, confirmations, fired).handle)
        stack.callback(folder.agent_socket.unlink, missing_ok=True)
        stack.push_async_callback(server.close)
        work.resume()
        if fired is not None:
            fired.start()
        watch = asyncio.create_task(_watch_guard(agent.guard, work.guard_lost, ended))
        stack.callback(watch.cancel)
        while True:
            await until_needed_no_more(ended, server.idle, stay=stay)
            if ended.is_set() or not work.busy:
                break
            confirmations.refuse()  # nobody is connected who could say yes
            await asyncio.sleep(_LOOK_SECONDS)
    if work.guard_lost.is_set():
        raise GuardLost("the guard has ended; runs in flight go on with the next agent", next_command="treasurer up")


async def _watch_guard(guard: GuardClient, lost: asyncio.Event, ended: asyncio.Event) -> None:
    """Set ``ended`` when the guard has gone, noticed here or by a Run."""
    while not lost.is_set():
        try:
            await guard.ask("approvals")
        except NotRunning:
            lost.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(lost.wait(), GUARD_SECONDS)
    ended.set()


def main(arguments: list[str] | None = None) -> int:
    """The process's entry: exit status 0 after a clean end, else that of the error, printed on standard error."""
    parser = argparse.ArgumentParser(prog="treasurer-agent")
    parser.add_argument("--bot", type=Path, required=True)
    parser.add_argument("--stay", action="store_true", help="run until a signal ends it")
    parser.add_argument("--automations", action="store_true", help="fire the schedules and triggers of treasurer.toml")
    options = parser.parse_args(arguments)
    folder = BotFolder(options.bot.resolve())
    try:
        asyncio.run(run(folder, stay=options.stay, automations=options.automations))
    except TreasurerError as error:
        sys.stderr.write("".join(f"agent: {line}\n" for line in str(error).splitlines()))
        return error.exit_status
    return 0
