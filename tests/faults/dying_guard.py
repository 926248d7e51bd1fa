"""A real guard process that ends itself by SIGKILL at one boundary: `dying_guard.py BOUNDARY --bot DIR --stay`."""

from __future__ import annotations

import os
import signal
import sys

from treasurer.runtime.guard.process import main


def boundary(name: str) -> None:
    """No handler runs and nothing is flushed: the process is gone."""
    if name == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[2:], boundary=boundary))
