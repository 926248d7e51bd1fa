"""`python -m treasurer.scenarios.devnet install`: fetch the npm packages and build the world; `make setup` calls it."""

from __future__ import annotations

import sys

from .deploy import world_folder
from .errors import DevnetError, NotReady


def main(arguments: list[str]) -> int:
    """Exit status: 0 done, 2 wrong usage, 3 the machine lacks something."""
    if arguments != ["install"]:
        print("usage: python -m treasurer.scenarios.devnet install", file=sys.stderr)
        return 2
    try:
        folder = world_folder(lambda line: print(line, file=sys.stderr, flush=True))
    except NotReady as error:
        print(error, file=sys.stderr)
        return 3
    except DevnetError as error:
        print(f"the devnet's world could not be built: {error}", file=sys.stderr)
        return 1
    print(f"the devnet's world lies in {folder}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
