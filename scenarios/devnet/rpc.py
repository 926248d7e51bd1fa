"""A JSON-RPC client for the devnet's own node: one connection, blocking, with calls encoded from signature lines.

web3.py would take a second to import and 2 ms a call; starting the devnet makes some twenty calls.
"""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from eth_abi import decode
from eth_utils import to_checksum_address

from ...wallets.call import argument_types, calldata
from ...wallets.values import to_hex
from .errors import RpcError, TransactionFailed

TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.001
GAS_LIMIT = 16_000_000
"""For each transaction of the devnet's own: below EIP-7825's cap of 2^24, above what the largest deployment takes."""


class Rpc:
    """One node. `send` and `create` act as any address: the devnet's admin has no key, anvil impersonates it."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"{url} is no http URL: the devnet is reached as http://127.0.0.1:PORT")
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT_SECONDS)
        self._ids = itertools.count(1)
        self._acting: set[str] = set()
        self._turn = threading.Lock()

    def close(self) -> None:
        self._connection.close()

    def request(self, method: str, *params: Any) -> Any:
        """The result of one request; raises RpcError for an error answer, OSError where nobody answers."""
        body = json.dumps({"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params})
        with self._turn:
            try:
                answer = self._post(body)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # A connection that the node closed while idle: nothing of this request was read.
                self._connection.close()
                answer = self._post(body)
        if "error" in answer:
            error = answer["error"]
            raise RpcError(method, error.get("code", 0), error.get("message", ""), error.get("data"))
        return answer["result"]

    def _post(self, body: str) -> dict[str, Any]:
        self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return answer

    def call(self, to: str, signature: str, *arguments: Any, returns: str = "()", sender: str | None = None) -> Any:
        """Read a contract. `returns` is a tuple of types; a single value is returned bare, addresses by EIP-55."""
        transaction = {"to": to, "data": to_hex(calldata(signature, *arguments))}
        if sender is not None:
            transaction["from"] = sender
        raw = bytes.fromhex(self.request("eth_call", transaction, "latest")[2:])
        types = argument_types(returns)
        values = tuple(
            to_checksum_address(value) if kind == "address" else value
            for kind, value in zip(types, decode(types, raw), strict=True)
        )
        return values[0] if len(values) == 1 else values

    def send(self, sender: str, to: str, signature: str, *arguments: Any, wei: int = 0) -> dict[str, Any]:
        """Send a call as `sender` and return its receipt; raises TransactionFailed when it reverts."""
        data = to_hex(calldata(signature, *arguments))
        return self.transact({"from": sender, "to": to, "data": data, "value": hex(wei)})

    def transact(self, transaction: dict[str, str]) -> dict[str, Any]:
        sender = transaction["from"]
        if sender not in self._acting:
            self.request("anvil_impersonateAccount", sender)
            self._acting.add(sender)
        transaction = {"gas": hex(GAS_LIMIT), **transaction}
        receipt = self._mined(self.request("eth_sendTransaction", transaction))
        if int(receipt["status"], 16) != 1:
            try:
                self.request("eth_call", transaction, "latest")
                why = "no reason given"
            except RpcError as error:
                why = error.message
            raise TransactionFailed(f"{sender} -> {transaction.get('to', 'a new contract')} reverted: {why}")
        return receipt

    def _mined(self, transaction_hash: str) -> dict[str, Any]:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            receipt: dict[str, Any] | None = self.request("eth_getTransactionReceipt", transaction_hash)
            if receipt is not None:
                return receipt
            time.sleep(POLL_SECONDS)
        raise TransactionFailed(
            f"{transaction_hash} was not mined: the devnet mines each transaction at once, is it stopped?"
        )

    def code(self, address: str) -> bytes:
        return bytes.fromhex(self.request("eth_getCode", address, "latest")[2:])

    def storage(self, address: str, slot: int) -> bytes:
        return bytes.fromhex(self.request("eth_getStorageAt", address, hex(slot), "latest")[2:]).rjust(32, b"\0")

    def time_seconds(self) -> int:
        """The newest block's timestamp."""
        return int(self.request("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
