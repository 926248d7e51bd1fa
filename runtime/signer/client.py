"""The signer, seen from the guard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...wallets.clearance import Clearance
from ...wallets.errors import ClearanceRefused
from ...wallets.transaction import Transaction
from ...wallets.values import parse_hex
from ..ipc import Connection, NotRunning, RemoteError, connect


class SignerClient:
    """One connection to the signer process, opened when first needed and again after it was restarted."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._connection: Connection | None = None

    async def sign_transaction(self, clearance: Clearance, transaction: Transaction) -> bytes:
        """The raw signed transaction. Raises ClearanceRefused, or NotRunning where there is no signer."""
        params = {"clearance": clearance.model_dump(mode="json"), "transaction": transaction.model_dump(mode="json")}
        return parse_hex((await self._ask("sign_transaction", params))["raw"])

    async def lookup(self, clearance_hash: str) -> bytes | None:
        """What the signer signed under a clearance, None where it never did."""
        raw = (await self._ask("lookup", {"clearance_hash": clearance_hash}))["raw"]
        return None if raw is None else parse_hex(raw)

    async def status(self) -> dict[str, Any]:
        """The signer's address, and why it would refuse now, if it would."""
        return await self._ask("status", {})

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if self._connection is None:
            self._connection = await connect(self._socket)
        try:
            return await self._connection.ask(method, params)
        except NotRunning:
            await self.close()
            raise
        except RemoteError as error:
            if error.kind == ClearanceRefused.__name__:
                raise ClearanceRefused(str(error)) from error
            raise
