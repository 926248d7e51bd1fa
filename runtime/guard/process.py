"""The guard process's start, its background work and its end."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from ...wallets.errors import TreasurerError
from ..folder import BotFolder
from ..ipc import serve
from ..lifetime import only_one, termination, until_needed_no_more
from .execution import Execution
from .inclusion import expire, finalize
from .service import GuardService
from .state import GuardState, open_state

HOUSEKEEPING_SECONDS = 2.0
"""Between looks at finality and at approvals that have run out."""


def _no_boundary(_: str) -> None:
    """Nothing happens at a crash boundary outside of tests."""


async def run(folder: BotFolder, *, stay: bool, boundary: Callable[[str], None] = _no_boundary) -> None:
    """Open everything, take up what was left in flight, and answer until ended; what is in flight then stays in the
    journal.
    """
    state = await open_state(folder)
    execution = Execution(state, boundary=boundary)
    execution.recover()
    ended = termination()
    server = await serve(folder.guard_socket, GuardService(state, execution).handle)
    housekeeping = asyncio.create_task(_keep_house(state, execution))
    try:
        await until_needed_no_more(ended, server.idle, stay=stay)
        while execution.busy and not ended.is_set():
            await execution.wait_for_change(1)
    finally:
        housekeeping.cancel()
        await asyncio.gather(housekeeping, return_exceptions=True)
        await server.close()
        await execution.close()
        await state.signer.close()
        await state.chain.aclose()
        state.database.close()
        folder.guard_socket.unlink(missing_ok=True)


async def _keep_house(state: GuardState, execution: Execution) -> None:
    while True:
        try:
            state.aware_of((await state.chain.block()).timestamp)
            for key in await finalize(state):
                execution.start(key)
            expire(state)
        except TreasurerError as error:
            print(f"guard: {error}", file=sys.stderr, flush=True)
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


def main(arguments: list[str] | None = None, *, boundary: Callable[[str], None] = _no_boundary) -> int:
    """The process's entry: exit status 0 after a clean end, else that of the error, printed on standard error."""
    parser = argparse.ArgumentParser(prog="treasurer-guard")
    parser.add_argument("--bot", type=Path, required=True)
    parser.add_argument("--stay", action="store_true", help="run until a signal ends it")
    options = parser.parse_args(arguments)
    folder = BotFolder(options.bot.resolve())
    try:
        with only_one(folder.sockets / "guard.lock"):
            asyncio.run(run(folder, stay=options.stay, boundary=boundary))
    except TreasurerError as error:
        print(f"guard: {error}", file=sys.stderr)
        return error.exit_status
    return 0
