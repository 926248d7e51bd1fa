"""The command line: one module a group of commands; each only reads its words, asks the guard, and prints.

Heavy imports stay inside the commands, so that ``treasurer --help`` answers at once. Nothing heavy is imported here
either: Ctrl-C is quiet from the first moment.
"""

import os
import signal
from types import FrameType

__all__ = ["main"]


def main() -> int:
    """The ``treasurer`` command; returns its exit status. Ctrl-C while it still loads ends it at once: 130."""
    asked = signal.getsignal(signal.SIGINT)
    loading = asked is signal.default_int_handler
    if loading:
        signal.signal(signal.SIGINT, _leave)
    from .root import load, run

    command = load()
    if loading:
        signal.signal(signal.SIGINT, asked)
    return run(command)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Nothing was begun that would have to be ended; an exception in the midst of an import may be lost."""
    os.write(2, b"interrupted\n")
    os._exit(130)
