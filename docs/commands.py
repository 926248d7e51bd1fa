"""Write docs/commands.md from the command line itself: ``.venv/bin/python docs/commands.py``. A test compares them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from treasurer.runtime.commands import root

PAGE = Path(__file__).parent / "commands.md"
HEAD = """# Commands

```sh
treasurer --help
```

This page is written by `docs/commands.py` from the commands themselves. Exit statuses are the same everywhere: 0 done;
1 the answer is no; 2 input or usage is wrong; 3 not ready, with the next command to type; 130 interrupted.
"""


def leaves(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it, in the order of the alphabet.

    ``Any``, because typer brings a click of its own and names none of its classes in public.
    """
    inner = getattr(command, "commands", None)
    if inner is None:
        if not command.hidden:
            yield words, command
        return
    if command.invoke_without_command and len(words) > 1:
        yield words, command
    for name in sorted(inner):
        yield from leaves(inner[name], (*words, name))


def section(words: tuple[str, ...], command: Any) -> str:
    """One command: its usage, what it does, its arguments and options, its example."""
    name = " ".join(words)
    context = typer.Context(command, info_name=name)
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    lines = [f"## {name}", "", "```text", usage, "```", "", (command.help or "").strip(), ""]
    rows = [row for parameter in command.params if (row := _row(parameter, context))]
    if rows:
        lines += ["| | |", "|---|---|", *(f"| `{term}` | {text} |" for term, text in rows), ""]
    if command.epilog:
        word, _, example = command.epilog.strip().partition(": ")
        lines += [f"{word}: `{example}`" if word == "Example" else command.epilog.strip(), ""]
    return "\n".join(lines)


def _row(parameter: Any, context: typer.Context) -> tuple[str, str] | None:
    record = parameter.get_help_record(context)
    if record is None or parameter.name == "help":
        return None
    term, text = record
    return term.replace("|", "\\|"), " ".join(text.split()).replace("|", "\\|")


def page() -> str:
    """The whole page."""
    root._mount()
    command = typer.main.get_command(root.app)
    return "\n".join([HEAD, *(section(words, leaf) for words, leaf in leaves(command, ("treasurer",)))]).rstrip() + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text() == page() else "docs/commands.md is old: run .venv/bin/python docs/commands.py")
    PAGE.write_text(page())
