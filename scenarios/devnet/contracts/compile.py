"""Compile the devnet's Vyper contracts: `python -m treasurer.scenarios.devnet.contracts.compile` writes the JSON anew.

Needs vyper 0.4.3, which is a dependency of development only: what is shipped is the JSON, and a test compares the two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def compiled(source: Path) -> dict[str, Any]:
    """ABI and creation bytecode (0x-prefixed hex) of one Vyper file."""
    from vyper import compile_code

    output = compile_code(source.read_text(encoding="utf-8"), output_formats=["abi", "bytecode"])
    return {"contractName": source.stem, "abi": output["abi"], "bytecode": output["bytecode"]}


def sources(folder: Path = FOLDER) -> list[Path]:
    """Every Vyper file of a folder."""
    return sorted(folder.glob("*.vy"))


def main() -> None:
    """Write `NAME.json` beside every `NAME.vy`, here or in the folder that the command names."""
    for source in sources(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        target = source.with_suffix(".json")
        target.write_text(json.dumps(compiled(source), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
