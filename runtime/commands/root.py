"""The root of the command line: the groups of commands, the --bot option, and what an error becomes."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from ...wallets.errors import TreasurerError
from .terminal import INTERRUPTED, NOT_READY, WRONG_INPUT, note

# Typer carries its own copy of click and exports of its errors only the leaves: this is ClickException.
UsageFault: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

app = typer.Typer(
    name="treasurer",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"treasurer {version('treasurer')}")
        raise typer.Exit


@app.callback(epilog="Start with: treasurer init acme --chain devnet && cd acme && treasurer doctor && treasurer up")
def root(
    bot: Annotated[
        Path | None,
        typer.Option(
            "--bot", metavar="DIR", help="The bot's folder; else TREASURER_BOT, else the nearest treasurer.toml."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """An autonomous treasury agent that judges the bytes that would be signed, signs nothing else, and proves what it
    did.
    """


def _mount() -> None:
    from . import (
        approve,
        audit,
        chat,
        configuration,
        control,
        init,
        model,
        policy,
        registry,
        run,
        up,
        wallet,
    )

    groups = {
        "approve": approve,
        "audit": audit,
        "config": configuration,
        "model": model,
        "policy": policy,
        "registry": registry,
        "wallet": wallet,
    }
    for name, group in groups.items():
        app.add_typer(group.app, name=name)
    for module in (chat, init, control, run, up):
        for command in module.app.registered_commands:
            app.registered_commands.append(command)
    for point in entry_points(group="treasurer.commands"):
        app.add_typer(point.load(), name=point.name)
    for point in entry_points(group="treasurer.root_commands"):
        app.registered_commands.extend(point.load().registered_commands)


def load() -> Any:
    """The whole command line, its groups mounted."""
    _mount()
    return typer.main.get_command(app)


def run(command: Any) -> int:
    """Carry out what was typed. Every TreasurerError, and every file or socket that the system refuses, becomes a
    sentence, the next command to type, and an exit status.
    """
    if sys.stdout is None:
        note("standard output is closed, so the answer has nowhere to go: leave it open, or send it to /dev/null")
        return WRONG_INPUT
    try:
        result = command(standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        note("interrupted")
        return INTERRUPTED
    except UsageFault as error:
        error.show()
        return WRONG_INPUT
    except BrokenPipeError:
        return _unread()
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # Typer and Rich both make it an exit of their own
            return _unread()
        raise
    except TreasurerError as error:
        note(str(error))
        if error.next_command:
            note(f"next: {error.next_command}")
        return error.exit_status
    except OSError as error:
        note(_refused(error))
        return NOT_READY
    return result if isinstance(result, int) else 0


def _unread() -> int:
    """Nobody reads on (``| head -1``): what is still buffered goes nowhere, and the command was interrupted."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    return INTERRUPTED


def _refused(error: OSError) -> str:
    """The sentence about what the system refused: the path where there is one, and the reason."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return f"the system refused: {reason}"
    cache = os.environ.get("TREASURER_CACHE") or str(Path.home() / ".cache" / "treasurer")
    place = os.fsdecode(error.filename)
    mend = "\nnext: export TREASURER_CACHE=DIR" if place.startswith(cache) else ""
    return f"{place} cannot be used: {reason}; name a place that you can read and write{mend}"
