"""Signed: an owner's signature over an order as it is kept in a file, and how such a file is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ...wallets.errors import TreasurerError
from ...wallets.values import HexBytes


class Signed(BaseModel):
    """What was signed stands beside the signature: over anything else a signature recovers to nobody's address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: dict[str, Any]
    signature: HexBytes


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Replace a file by another in one step: whoever reads it finds the old one or the new one. Raises TreasurerError
    where it cannot be written.
    """
    aside = path.with_name(path.name + ".new")
    try:
        aside.unlink(missing_ok=True)
        aside.touch(mode=0o600 if private else 0o644)
        aside.write_text(text)
        aside.replace(path)
    except OSError as error:
        raise TreasurerError(f"{path} cannot be written: {error.strerror}") from error
