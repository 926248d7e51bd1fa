"""Passing: which errors end no Run. What did not answer will, and the Run then goes on from its checkpoint."""

from __future__ import annotations

from ...wallets.errors import ChainError, RpcRefused, TreasurerError, WrongChain
from ..processes.ipc import NotRunning, RemoteError

_SAID_BY_OTHERS = frozenset({"ChainError", "Unreachable", "NotRunning"})
"""Errors of the same kind in the guard: its own chain or signer does not answer."""


def passes(error: TreasurerError) -> bool:
    """Whether ``error`` says that somebody does not answer now, and nothing about the Run itself."""
    if isinstance(error, RemoteError):
        return error.kind in _SAID_BY_OTHERS
    return isinstance(error, NotRunning | ChainError) and not isinstance(error, RpcRefused | WrongChain)
