"""The signer process's start, its messages and its end."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...wallets.clearance import Clearance
from ...wallets.errors import TreasurerError
from ...wallets.signers import KeystoreSigner, SigningDesk, open_keystore
from ...wallets.transaction import Transaction
from ...wallets.values import checksum, parse_address, to_hex
from ..bot.configuration import read_configuration
from ..bot.folder import BotFolder
from ..bot.secrets import resolve
from ..processes.ipc import IpcError, serve
from ..processes.lifetime import only_one, termination, until_needed_no_more
from .permission import signing_permission


class SignerService:
    """Answers the guard's messages."""

    def __init__(self, desk: SigningDesk) -> None:
        self._desk = desk

    async def handle(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """``sign_transaction``, ``retire`` and ``status``; there is no method that signs a hash."""
        if method == "sign_transaction":
            clearance = Clearance.model_validate(params.get("clearance"))
            transaction = Transaction.model_validate(params.get("transaction"))
            return {"raw": to_hex(self._desk.sign_transaction(clearance, transaction))}
        if method == "retire":
            raw = self._desk.retire(Clearance.model_validate(params.get("clearance")))
            return {"raw": None if raw is None else to_hex(raw)}
        if method == "status":
            return {"address": checksum(self._desk.address)}
        raise IpcError(f"the signer has no method {method}")


async def run(folder: BotFolder, *, stay: bool, password: str | None) -> None:
    """Open the wallet and answer until ended."""
    configuration = read_configuration(folder.configuration)
    if password is None:
        password = resolve(configuration.wallet.password, root=folder.root, purpose="the wallet's password")
    key = open_keystore(folder.keystore, password)
    if key.address != configuration.wallet.address:
        raise TreasurerError(
            f"the keystore holds {checksum(key.address)}, and treasurer.toml names"
            f" {checksum(configuration.wallet.address)}",
            next_command="treasurer doctor",
        )
    desk = SigningDesk(
        folder.signer_database,
        KeystoreSigner(key),
        issuer=parse_address(folder.clearance_issuer.read_text().strip()),
        chain_id=configuration.chain.id,
        may_sign=signing_permission(folder, configuration),
        now=lambda: datetime.now(UTC),
    )
    ended = termination()
    server = await serve(folder.signer_socket, SignerService(desk).handle)
    try:
        await until_needed_no_more(ended, server.idle, stay=stay)
    finally:
        await server.close()
        desk.close()
        folder.signer_socket.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """The process's entry: exit status 0 after a clean end, else that of the error, printed on standard error."""
    parser = argparse.ArgumentParser(prog="treasurer-signer")
    parser.add_argument("--bot", type=Path, required=True)
    parser.add_argument("--stay", action="store_true", help="run until a signal ends it")
    parser.add_argument("--password-stdin", action="store_true", help="read the wallet's password from standard input")
    options = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the key
    password = sys.stdin.readline().rstrip("\n") if options.password_stdin else None
    folder = BotFolder(options.bot.resolve())
    try:
        with only_one(folder.sockets / "signer.lock"):
            asyncio.run(run(folder, stay=options.stay, password=password))
    except TreasurerError as error:
        said = str(error) + (f"\nnext: {error.next_command}" if error.next_command else "")
        sys.stderr.write("".join(f"signer: {line}\n" for line in said.splitlines()))
        return error.exit_status
    return 0
