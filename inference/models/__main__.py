"""`python -m treasurer.inference.models list|pull|verify|rm [NAME]`: the cache without the command line's start-up."""

from __future__ import annotations

import argparse
import sys

from ..errors import InferenceError, UnknownModel
from .store import list_models, pull, remove, verify


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 2 an unknown name, 3 not ready, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m treasurer.inference.models", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the models that are known, and whether they are on this machine")
    for command, text in (
        ("pull", "download a model and check its hash"),
        ("verify", "hash a model's file again"),
        ("rm", "delete a model's file"),
    ):
        commands.add_parser(command, help=text).add_argument("name", metavar="NAME")
    chosen = parser.parse_args(arguments)
    try:
        sys.stdout.write(_run(chosen.command, getattr(chosen, "name", "")))
    except InferenceError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, UnknownModel) else 3
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; finished parts are kept, pull again to go on\n")
        return 130
    return 0


def _run(command: str, name: str) -> str:
    match command:
        case "pull":
            return f"{pull(name)}\n"
        case "verify":
            return f"{verify(name)}\n"
        case "rm":
            return f"{remove(name):,} bytes freed\n"
        case _:
            return "".join(
                f"{status.manifest.name}  {status.manifest.size_bytes / 1e6:,.0f} MB  {status.manifest.licence}  "
                f"{status.path or 'not on this machine'}\n"
                for status in list_models()
            )


if __name__ == "__main__":
    raise SystemExit(main())
