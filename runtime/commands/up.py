"""`treasurer up`: run the bot."""

from __future__ import annotations

import sys
from typing import Any

import typer

from .terminal import AsJson, await_result, bot_folder, emit, end, say

app = typer.Typer()


@app.command(epilog="Example: treasurer --bot acme up")
def up(context: typer.Context, as_json: AsJson = False) -> None:
    """Run the bot until Ctrl-C: guard, signer and agent, with the schedules and triggers of treasurer.toml."""
    from ..bot.configuration import read_configuration
    from ..processes.logs import logger_to
    from ..processes.supervisor import Supervisor

    folder = bot_folder(context)
    configuration = read_configuration(folder.configuration)
    logger = logger_to(sys.stderr, configuration.log)
    end(await_result(_supervise(Supervisor(folder, tell=emit if as_json else _say_state, logger=logger))))


async def _supervise(supervisor: Any) -> int:
    status: int = await supervisor.run()
    return status


def _say_state(state: dict[str, Any]) -> None:
    match state:
        case {"event": "process", "process": name, "state": how, "pid": pid, "status": status}:
            more = f"  pid {pid}" if pid is not None else f"  status {status}" if status is not None else ""
            say(f"{name:8}  {how}{more}")
        case {"event": "automation", "id": name, "calls": calls, "path": path}:
            when = f"below {state['below']}" if state["kind"] == "health" else f"next {state['next']}"
            say(f"{state['kind']:8}  {name}, {when}: {'; '.join(calls)}  (by the {path})")
        case {"event": "ready"}:
            say("ready     talk to it with `treasurer chat`; Ctrl-C stops it")
        case {"event": "stopped"}:
            say("stopped")
