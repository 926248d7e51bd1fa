"""`treasurer run`: one request in plain words, carried out by the agent under the guard."""

from __future__ import annotations

import shlex
import sys
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import DONE, NO, NOT_READY, AsJson, await_result, bot_folder, emit, end, note, printable, say

if TYPE_CHECKING:
    from ..agent.agent import AnyEvent, RunResult
    from ..bot.folder import BotFolder

app = typer.Typer()


@app.command(epilog='Example: treasurer run "send 10 usdc to alice" --json')
def run(
    context: typer.Context,
    goal: Annotated[str, typer.Argument(metavar="GOAL", help="What to do, or a question, in plain words.")],
    key: Annotated[
        str | None, typer.Option("--key", help="Idempotency key: the same key runs once, however often it is sent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Carry out a request: planned, judged by the guard, signed, recorded; nothing asks you before it is submitted."""
    if not goal.strip():
        raise typer.BadParameter('say what to do, as in: treasurer run "send 10 usdc to alice"')
    from ..agent.client import Unfinished
    from ..agent.requests import check_words

    check_words(goal.strip())
    check_words(key or "")
    try:
        result = await_result(_run(bot_folder(context), goal.strip(), key, quiet=as_json))
    except Unfinished as error:
        if key is not None:  # the same key takes it up
            error.next_command = shlex.join(["treasurer", "run", goal.strip(), "--key", key])
        raise
    if as_json:
        emit(result.model_dump(mode="json"))
    end(_status(result))


async def _run(folder: BotFolder, goal: str, key: str | None, *, quiet: bool) -> RunResult:
    from ...wallets.values import hash_words
    from ..agent.agent import Gathered
    from ..agent.client import open_agent

    name = hash_words("command", key) if key else uuid.uuid4().hex
    gathered = Gathered()
    async with open_agent(folder) as agent:
        async for event in agent.stream(name, goal, trigger="command", asked_by="command"):
            gathered.add(event)
            if not quiet:
                _tell(event)
            if event.kind == "waiting":
                break  # people may take hours; the guard goes on by itself when they have answered
    return gathered.result()


def _tell(event: AnyEvent) -> None:
    from ..console.rendering import SHORT_DIGEST, told

    if event.kind == "text":
        sys.stdout.write(printable(event.text))
        sys.stdout.flush()
        return
    for line in told(event):
        say(line)
    if event.kind == "waiting":
        note(f"next: treasurer approve yes {event.digest[:SHORT_DIGEST]} --keystore FILE")


def _status(result: RunResult) -> int:
    """Done only where all of it was done or answered; what only a model could read is not ready without one."""
    from ...agent.planner import questions

    if result.outcome in ("finished", "answered"):
        return DONE
    if result.outcome == "asked" and result.message.startswith(questions.NO_MODEL):
        note("next: treasurer model pull")
        return NOT_READY
    return NOT_READY if result.outcome == "waiting" else NO
