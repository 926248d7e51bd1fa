"""The error tree of wallets.

TreasurerError
└── WalletError
    ├── InvalidValue          an address, an amount or hex that is not one (also a ValueError)
    ├── ClearanceRefused      the signer will not sign these bytes under this clearance
    ├── ChainError            the chain cannot be read or written now
    │   ├── WrongChain        the endpoint serves another chain than the configuration names
    │   └── RpcRefused        the node answered with an error
    ├── KeyUnavailable        no key, or its password is wrong
    └── JournalError          a transition that the state table does not have, or a key used for another digest
        └── KeyConflict       the same intent key came with another digest
"""

from __future__ import annotations


class TreasurerError(Exception):
    """Root of every error that treasurer raises on purpose.

    ``exit_status`` is what the command line ends with: 1 the answer is no, 2 wrong input, 3 not ready.
    ``next_command`` is what a person types next, or None.
    """

    exit_status = 3
    next_command: str | None = None

    def __init__(self, message: str, *, next_command: str | None = None) -> None:
        super().__init__(message)
        if next_command is not None:
            self.next_command = next_command


class WalletError(TreasurerError):
    """Root of the errors of wallets."""


class InvalidValue(WalletError, ValueError):
    """A value that is not what its name says; the message says what was expected."""

    exit_status = 2


class ClearanceRefused(WalletError):
    """The signer signs nothing without a clearance for exactly these bytes."""

    exit_status = 1


class ChainError(WalletError):
    """The chain cannot be reached, or its answer cannot be used."""


class WrongChain(ChainError):
    """The endpoint serves another chain than the one that the configuration names."""


class RpcRefused(ChainError):
    """The node answered with a JSON-RPC error; ``code`` and ``data`` are the node's."""

    def __init__(self, message: str, *, code: int | None = None, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class KeyUnavailable(WalletError):
    """No key at that place, or the password does not open it."""


class JournalError(WalletError):
    """The journal refuses a transition that its state table does not hold."""


class KeyConflict(JournalError):
    """The same intent key came with another digest: a different effect needs a key of its own."""

    exit_status = 1
