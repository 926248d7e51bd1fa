"""Compile the devnet's Vyper contracts: `python -m treasurer.scenarios.devnet.contracts.compile` writes the JSON anew.

Needs vyper 0.4.3, which is a dependency of development only: what is shipped is the JSON, and a test compares the two.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def compiled(source: Path) -> dict[str, Any]:
    """ABI and creation bytecode (0x-prefixed hex) of one Vyper file."""
    from vyper import compile_code

    output = compile_code(source.read_text(encoding="utf-8"), output_formats=["abi", "bytecode"])
    return {"contractName": source.stem, "abi": output["abi"], "bytecode": output["bytecode"]}


def sources() -> list[Path]:
    """Every Vyper file of this folder."""
    return sorted(FOLDER.glob("*.vy"))


def main() -> None:
    """Write `NAME.json` beside every `NAME.vy`."""
    for source in sources():
        target = source.with_suffix(".json")
        target.write_text(json.dumps(compiled(source), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
