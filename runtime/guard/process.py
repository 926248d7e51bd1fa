"""The guard process's start, its background work and its end."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from ...wallets.errors import TreasurerError
from ..bot.folder import BotFolder
from ..processes.ipc import serve
from ..processes.lifetime import only_one, termination, until_needed_no_more
from .execution import Execution
from .finality import follow
from .foreign import look_for_foreign
from .halt import notice
from .service import GuardService
from .state import GuardState, open_state
from .submission import expire

HOUSEKEEPING_SECONDS = 2.0
"""Between looks at finality and at approvals that have run out."""


def _no_boundary(_: str) -> None:
    """Nothing happens at a crash boundary outside of tests."""


async def run(folder: BotFolder, *, stay: bool, boundary: Callable[[str], None] = _no_boundary) -> None:
    """Open everything, take up what was left in flight, and answer until ended; what is in flight then stays in the
    journal.
    """
    state = await open_state(folder)
    notice(state)
    execution = Execution(state, boundary=boundary)
    execution.take_up()
    ended = termination()
    server = await serve(folder.guard_socket, GuardService(state, execution).handle)
    housekeeping = asyncio.create_task(_keep_house(state, execution))
    housekeeping.add_done_callback(lambda _: ended.set())  # without it nothing expires and nothing is settled
    try:
        await until_needed_no_more(ended, server.idle, stay=stay, busy=lambda: execution.busy)
    finally:
        broken = housekeeping.done()
        housekeeping.cancel()
        await asyncio.gather(housekeeping, return_exceptions=True)
        await server.close()
        await execution.close()
        await state.signer.close()
        await state.chain.aclose()
        state.database.close()
        folder.guard_socket.unlink(missing_ok=True)
    if broken:
        housekeeping.result()


async def _keep_house(state: GuardState, execution: Execution) -> None:
    while True:
        try:
            state.aware_of((await state.chain.block()).timestamp)
            await look_for_foreign(state)
            await follow(state)
            execution.take_up()
            expire(state)
            notice(state)
        except TreasurerError as error:
            sys.stderr.write(f"guard: {error}\n")
            sys.stderr.flush()
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


def main(arguments: list[str] | None = None, *, boundary: Callable[[str], None] = _no_boundary) -> int:
    """The process's entry: exit status 0 after a clean end, else that of the error, printed on standard error."""
    parser = argparse.ArgumentParser(prog="treasurer-guard")
    parser.add_argument("--bot", type=Path, required=True)
    parser.add_argument("--stay", action="store_true", help="run until a signal ends it")
    options = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the clearance key and the log key
    folder = BotFolder(options.bot.resolve())
    try:
        with only_one(folder.sockets / "guard.lock"):
            asyncio.run(run(folder, stay=options.stay, boundary=boundary))
    except TreasurerError as error:
        said = str(error) + (f"\nnext: {error.next_command}" if error.next_command else "")
        sys.stderr.write("".join(f"guard: {line}\n" for line in said.splitlines()))
        return error.exit_status
    return 0
