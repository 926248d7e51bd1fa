"""The server's side: one Unix socket, mode 0600 in a folder of mode 0700, peers of the allowed users only."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import traceback
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ....wallets.errors import TreasurerError
from .errors import IpcError, Unsendable
from .frames import read_frame, write_frame

Handler = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Takes a method's name and parameters, returns the answer; raises TreasurerError for a refusal."""
MAX_OPEN_REQUESTS = 64
"""Of one connection: whoever asks faster than it is answered waits."""
_PEER_CREDENTIALS = struct.Struct("3i")


class Server:
    """A listening socket; ``idle`` is set while nobody is connected."""

    def __init__(self, handler: Handler, users: Collection[int]) -> None:
        self._handler = handler
        self._users = frozenset(users)
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.idle = asyncio.Event()
        self.idle.set()

    async def start(self, path: Path) -> None:
        """Listen at ``path``; a socket left there by a process that died is replaced (the caller holds the bot's
        lock).
        """
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - before anybody is served
        self._server = await asyncio.start_unix_server(self._serve, path=str(path))
        path.chmod(0o600)  # noqa: ASYNC240

    async def close(self) -> None:
        """Stop listening and end the open connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.idle.clear()
        answers: set[asyncio.Task[None]] = set()
        try:
            if not self._allowed(writer):
                return
            lock = asyncio.Lock()
            while (message := await read_frame(reader)) is not None:
                answer = asyncio.create_task(self._answer(message, writer, lock))
                answers.add(answer)
                answer.add_done_callback(answers.discard)
                if len(answers) >= MAX_OPEN_REQUESTS:
                    await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        except IpcError as error:
            await _reply(writer, {"id": None, "error": _described(error)})
        except asyncio.CancelledError:
            pass  # the server closes; the stream protocol would log the cancellation as an error
        finally:
            for answer in answers:
                answer.cancel()
            writer.close()
            self._connections.discard(task)
            if not self._connections:
                self.idle.set()

    async def _answer(self, message: dict[str, Any], writer: asyncio.StreamWriter, lock: asyncio.Lock) -> None:
        reply: dict[str, Any] = {"id": message.get("id")}
        method, params = message.get("method"), message.get("params", {})
        try:
            if not isinstance(method, str) or not isinstance(params, dict):
                raise IpcError("a request is an object with a method and params")
            reply["ok"] = await self._handler(method, params)
        except TreasurerError as error:
            reply["error"] = _described(error)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            reply["error"] = _described(IpcError(f"{method}: {where}: {first['msg']}"), exit_status=2)
        except ValueError as error:  # what the models let pass and a value's own parser does not
            traceback.print_exc()
            said = (str(error).splitlines() or ["a value is not what it should be"])[0][:200]
            reply["error"] = _described(IpcError(f"{method}: {said}"), exit_status=2)
        except Exception as error:  # noqa: BLE001 - one request must not silence a process that others rely on
            traceback.print_exc()
            reply["error"] = _described(IpcError(f"{method} failed in the other process: {type(error).__name__}"))
        async with lock:
            await _reply(writer, reply)

    def _allowed(self, writer: asyncio.StreamWriter) -> bool:
        peer: socket.socket = writer.get_extra_info("socket")
        option = getattr(socket, "SO_PEERCRED", None)
        if option is None:  # not Linux: the folder's mode is what keeps others out
            return True
        _, user, _ = _PEER_CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, option, _PEER_CREDENTIALS.size))
        return user in self._users


async def _reply(writer: asyncio.StreamWriter, reply: dict[str, Any]) -> None:
    """Send an answer, or that it is too large; to somebody who has gone, nothing: what was decided stands."""
    try:
        try:
            await write_frame(writer, reply)
        except Unsendable as error:  # for the asker that is no wrong input
            await write_frame(writer, {"id": reply["id"], "error": _described(error, exit_status=IpcError.exit_status)})
    except ConnectionError:
        return


def _described(error: TreasurerError, *, exit_status: int | None = None) -> dict[str, Any]:
    return {
        "kind": getattr(error, "kind", type(error).__name__),
        "message": str(error).encode(errors="backslashreplace").decode(),
        "exit_status": error.exit_status if exit_status is None else exit_status,
        "next_command": error.next_command,
    }


async def serve(path: Path, handler: Handler, *, users: Collection[int] = ()) -> Server:
    """Listen at ``path`` for this process's own user and ``users``."""
    server = Server(handler, {os.getuid(), *users})
    await server.start(path)
    return server
