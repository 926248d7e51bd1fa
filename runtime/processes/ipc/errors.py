"""IpcError: what can go wrong between two processes of a bot."""

from __future__ import annotations

from ....wallets.errors import TreasurerError


class IpcError(TreasurerError):
    """A message that cannot be sent, read or answered."""


class NotRunning(IpcError):
    """Nobody listens at that socket."""


class Unsendable(IpcError):
    """A message that no process could read: nothing of it was sent."""

    exit_status = 2


class RemoteError(IpcError):
    """The other process answered with an error of its own; ``kind`` is its class's name there."""

    def __init__(self, message: str, *, kind: str, exit_status: int, next_command: str | None) -> None:
        super().__init__(message, next_command=next_command)
        self.kind = kind
        self.exit_status = exit_status
