"""Joining: a connection to a process of the bot that runs, or else to one that is started for the while.

While ``treasurer up`` supervises the bot nothing is started beside it: what it restarts is waited for.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from ...wallets.errors import TreasurerError
from ..bot.configuration import read_configuration
from ..bot.folder import BotFolder
from ..bot.secrets import resolve
from .ipc import Connection, NotRunning, connect
from .lifetime import AlreadyRunning, only_one

START_SECONDS = 30.0
"""A guard reads its files and one block; a signer opens a keystore that is slow on purpose."""
_LOOK_SECONDS = 0.02


def supervisor_lock(folder: BotFolder) -> Path:
    """The lease that ``treasurer up`` holds."""
    return folder.sockets / "up.lock"


def is_held(lock: Path) -> bool:
    """Whether a living process holds this lease."""
    try:
        with only_one(lock):
            return False
    except AlreadyRunning:
        return True


async def joined(folder: BotFolder, name: str, socket: Path) -> Connection:
    """A connection to the process behind ``socket``, which is started where nobody listens. Raises TreasurerError."""
    try:
        return await connect(socket)
    except NotRunning:
        folder.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder.sockets / f"{name}.log"
    process = None if is_held(supervisor_lock(folder)) else start_process(folder, name, log)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            connection = await connect(socket)
        except NotRunning:
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            if process is not None:
                process.returncode = 0  # it outlives this command, and nobody here waits for it
            return connection
        status = None if process is None else process.poll()
        if status is not None:
            said = log.read_text().strip().splitlines()
            if not any("is running already" in line for line in said):  # else somebody started it a moment ago
                raise did_not_start(name, said, status)
            if not is_held(log.with_suffix(".lock")):  # or it was just ending
                process = start_process(folder, name, log)
    raise TreasurerError(
        f"the {name} did not start within {START_SECONDS:.0f} s; its log: {log}", next_command="treasurer doctor"
    )


def wallet_password(folder: BotFolder) -> bytes | None:
    """The wallet's password where it must be asked for at a terminal, else None: then the signer finds it itself."""
    reference = read_configuration(folder.configuration).wallet.password
    if reference != "prompt":
        return None
    return resolve(reference, root=folder.root, purpose="the wallet's password").encode()


def start_process(
    folder: BotFolder,
    name: str,
    log: Path,
    *,
    stay: bool = False,
    password: bytes | None = None,
    options: tuple[str, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start ``treasurer.runtime.<name>`` in a session of its own.

    The wallet's password goes through a pipe: ``password``, or what is answered where the file says ``prompt``.
    """
    command = [sys.executable, "-m", f"treasurer.runtime.{name}", "--bot", str(folder.root), *options]
    if stay:
        command.append("--stay")
    if name == "signer":
        password = wallet_password(folder) if password is None else password
        if password is not None:
            command.append("--password-stdin")
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if password is None else subprocess.PIPE,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            env=environment_of(folder, name),
        )
    finally:
        os.close(descriptor)
    if password is not None and process.stdin is not None:
        process.stdin.write(password + b"\n")
        process.stdin.close()
    return process


def environment_of(folder: BotFolder, name: str) -> dict[str, str]:
    """What a process of the bot finds in its environment: the wallet's password (``env:NAME``) is for the signer."""
    reference = read_configuration(folder.configuration).wallet.password
    secret = reference.removeprefix("env:") if name != "signer" and reference.startswith("env:") else None
    return {word: value for word, value in os.environ.items() if word != secret}


def did_not_start(name: str, said: list[str], status: int) -> TreasurerError:
    """The error of a process that ended with ``status`` before it answered, from what it ``said`` in its log."""
    prefix = f"{name}: "
    lines = [line.removeprefix(prefix) for line in said if line.startswith(prefix)] or said[-3:]
    command = "treasurer doctor"
    if lines and lines[-1].startswith("next: "):
        command = lines.pop().removeprefix("next: ")
    error = TreasurerError("\n".join(lines) or f"the {name} ended with status {status}", next_command=command)
    error.exit_status = status if status in (1, 2, 3) else 3
    return error
