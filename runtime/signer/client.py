"""The signer, seen from the guard."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ...wallets.clearance import Clearance
from ...wallets.errors import ClearanceRefused
from ...wallets.transaction import Transaction
from ...wallets.values import parse_hex
from ..processes.ipc import Connection, RemoteError, connect


class SignerClient:
    """One connection to the signer process, opened when first needed and again after it was restarted."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    async def sign_transaction(self, clearance: Clearance, transaction: Transaction) -> bytes:
        """The raw signed transaction. Raises ClearanceRefused, or NotRunning where there is no signer."""
        params = {"clearance": clearance.model_dump(mode="json"), "transaction": transaction.model_dump(mode="json")}
        return parse_hex((await self._ask("sign_transaction", params))["raw"])

    async def retire(self, clearance: Clearance) -> bytes | None:
        """None: nothing was signed under this clearance and nothing ever will be. Else the bytes that were signed."""
        raw = (await self._ask("retire", {"clearance": clearance.model_dump(mode="json")}))["raw"]
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
        async with self._connecting:
            if self._connection is None or self._connection.closed:
                await self.close()
                self._connection = await connect(self._socket)
            connection = self._connection
        try:
            return await connection.ask(method, params)
        except RemoteError as error:
            if error.kind == ClearanceRefused.__name__:
                raise ClearanceRefused(str(error)) from error
            raise
