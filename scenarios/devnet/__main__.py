"""`python -m treasurer.scenarios.devnet install`: fetch the npm packages and build the world; `make setup` calls it."""

from __future__ import annotations

import sys

from .deploy import world_folder
from .errors import DevnetError, NotReady


def main(arguments: list[str]) -> int:
    """Exit status: 0 done, 2 wrong usage, 3 the machine lacks something."""
    if arguments != ["install"]:
        _say("usage: python -m treasurer.scenarios.devnet install")
        return 2
    try:
        folder = world_folder(_say)
    except NotReady as error:
        _say(str(error))
        return 3
    except DevnetError as error:
        _say(f"the devnet's world could not be built: {error}")
        return 1
    _say(f"the devnet's world lies in {folder}")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
