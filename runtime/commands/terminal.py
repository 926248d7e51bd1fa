"""What every command shares: which bot, JSON or words, exit statuses."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TypeVar

import typer

if TYPE_CHECKING:
    from ..bot.folder import BotFolder

T = TypeVar("T")

DONE, NO, WRONG_INPUT, NOT_READY, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit statuses of contract.md: done; the answer is no; wrong input or usage; not ready; interrupted."""

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output (one a line for lists).")]


def bot_folder(context: typer.Context) -> BotFolder:
    """The bot that --bot, TREASURER_BOT or the working folder names."""
    from ..bot.folder import find_bot

    named: Path | None = context.find_root().params.get("bot")
    return find_bot(named)


def await_result(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run one coroutine to its end."""
    return asyncio.run(coroutine)


def emit(value: Mapping[str, Any]) -> None:
    """One JSON object on a line of standard output."""
    sys.stdout.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def emit_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line."""
    for row in rows:
        emit(row)


def standard_input() -> BinaryIO:
    """What was piped in. Raises InvalidValue where standard input is closed."""
    from ...wallets.errors import InvalidValue

    if sys.stdin is None:
        raise InvalidValue("standard input is closed, and the proposals are read from there: give it a file with <")
    return sys.stdin.buffer


def say(text: str) -> None:
    """Words for a person, on standard output."""
    typer.echo(printable(text))


def note(text: str) -> None:
    """Words for a person, on standard error."""
    typer.echo(printable(text), err=True)


def printable(text: str) -> str:
    """The text without control characters: a token's name must not steer a terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def end(status: int) -> None:
    """End the command with an exit status."""
    raise typer.Exit(status)
