"""Writes docs/schemas/*.json: the schemas for editors. Run it after a change of the language; a test compares."""

from __future__ import annotations

import json
from pathlib import Path

from treasurer.policies.analysis.schema import NAMES, schema

FOLDER = Path(__file__).parent / "schemas"


def text(name: str) -> str:
    """One schema as it lies in the folder."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in NAMES:
        (FOLDER / f"{name}.json").write_text(text(name), encoding="utf-8")
