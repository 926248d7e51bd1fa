"""Secrets by reference: ``env:NAME``, ``file:PATH`` and ``prompt`` become values only where they are used."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from ...wallets.errors import TreasurerError


class SecretMissing(TreasurerError):
    """The place that a secret's reference names holds nothing."""


def resolve(reference: str, *, root: Path, purpose: str) -> str:
    """The value behind a reference; a relative file is looked for in ``root``, and ``${NAME}`` in its path is filled.

    Raises SecretMissing, naming the place and never the value.
    """
    if reference.startswith("env:"):
        name = reference.removeprefix("env:")
        value = os.environ.get(name)
        if not value:
            raise SecretMissing(f"{purpose}: the environment has no {name}", next_command=f"export {name}=..")
        return value
    if reference.startswith("file:"):
        return _read(root / _filled(reference.removeprefix("file:"), purpose), purpose)
    if reference == "prompt":
        if not sys.stdin.isatty():
            raise SecretMissing(f"{purpose}: asked for at a terminal, and there is none: use env:NAME or file:PATH")
        return getpass.getpass(f"{purpose}: ")
    return reference


def endpoints(references: Iterable[str], *, root: Path) -> list[str]:
    """The URLs of ``[chain] rpc``, secrets filled in: never shown, only their hosts are. Raises SecretMissing."""
    return [resolve(reference, root=root, purpose="an RPC endpoint") for reference in references]


def _filled(text: str, purpose: str) -> str:
    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if not found:
            raise SecretMissing(f"{purpose}: the environment has no {match[1]}")
        return found

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value, text)


def _read(path: Path, purpose: str) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise SecretMissing(f"{purpose}: {path} may be read by others", next_command=f"chmod 600 '{path}'")
        return path.read_text().rstrip("\n")
    except OSError as error:
        raise SecretMissing(f"{purpose}: {path} cannot be read: {error.strerror}") from error


def reference(text: str) -> str:
    """``text`` where it is a reference; raises SecretMissing for anything else, without repeating it."""
    if text == "prompt" or text.startswith(("env:", "file:")):
        return text
    raise SecretMissing("a literal secret is refused: write env:NAME, file:PATH or prompt")
