"""The devnet's errors; each message says what to do next.

TreasurerError
└── DevnetError
    ├── NotReady            something the machine lacks; exit status 3
    │   ├── NodeMissing     no Node.js, no npm, or too old
    │   ├── InstallFailed   npm could not install what the lock names
    │   ├── PortTaken       the port is in use
    │   ├── StartFailed     anvil ended, or did not answer in time
    │   └── NotRunning      there is no devnet of ours to end
    ├── InvalidWorld        no such asset, price or snapshot
    ├── ArtifactInvalid     a compiled contract is not what it should be
    ├── RpcError            the node answered with an error
    └── TransactionFailed   a transaction of the devnet's own making reverted
"""

from __future__ import annotations

from ...wallets.errors import TreasurerError


class DevnetError(TreasurerError):
    """Root of the errors of the devnet."""

    exit_status = 1


class NotReady(DevnetError):
    """The machine lacks something; the message names the next command to type."""

    exit_status = 3


class NodeMissing(NotReady):
    """No Node.js 20 or newer, or no npm."""


class InstallFailed(NotReady):
    """npm did not install what the lock names."""


class PortTaken(NotReady):
    """Another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"port {port} is in use: choose another with --port (--port 0 takes a free one), "
            "or end an earlier devnet with `treasurer devnet down`",
            next_command="treasurer devnet up --port 0",
        )
        self.port = port


class StartFailed(NotReady):
    """anvil ended, or did not answer in time."""


class NotRunning(NotReady):
    """There is no devnet of ours to end."""


class InvalidWorld(DevnetError):
    """No such asset, price or snapshot."""

    exit_status = 2


class ArtifactInvalid(DevnetError):
    """A compiled contract is not what it should be."""


class RpcError(DevnetError):
    """The node answered with an error. `code` is JSON-RPC's, `data` the revert data where there is some."""

    def __init__(self, method: str, code: int, message: str, data: object = None) -> None:
        super().__init__(f"{method}: {message} (code {code})")
        self.method = method
        self.code = code
        self.message = message
        self.data = data


class TransactionFailed(DevnetError):
    """A transaction of the devnet's own making reverted."""
