"""The client's side: one connection, many requests at once, each answered or failed by name."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .errors import IpcError, NotRunning, RemoteError
from .frames import read_frame, write_frame


class Connection:
    """An open connection to a process of the bot."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._closed = False
        self._listener = asyncio.create_task(self._listen())

    async def ask(self, method: str, params: BaseModel | dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one request and wait for its answer. Raises RemoteError for a refusal, Unsendable for a request that
        is no message, NotRunning when the line is cut.
        """
        if self._closed:
            raise NotRunning("the other process has closed the connection")
        sent = params.model_dump(mode="json") if isinstance(params, BaseModel) else params or {}
        number = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await write_frame(self._writer, {"id": number, "method": method, "params": sent})
            return await answer
        except ConnectionError as error:
            raise NotRunning("the other process closed the connection") from error
        finally:
            self._waiting.pop(number, None)
            if answer.done() and not answer.cancelled():
                answer.exception()  # the line was cut while this was being sent: nobody awaits it any more

    async def close(self) -> None:
        """Close the connection; requests still open fail with NotRunning."""
        self._listener.cancel()
        self._writer.close()
        await asyncio.gather(self._listener, self._writer.wait_closed(), return_exceptions=True)
        self._fail_all()

    @property
    def closed(self) -> bool:
        """Whether the line is cut; a new connection is needed."""
        return self._closed

    async def _listen(self) -> None:
        try:
            await self._take_answers()
        except IpcError:
            self._writer.close()  # what follows a malformed frame cannot be read
        finally:
            self._fail_all()

    async def _take_answers(self) -> None:
        while (message := await read_frame(self._reader)) is not None:
            waiting = self._waiting.get(message.get("id") or 0)
            if waiting is None or waiting.done():
                continue
            if "ok" in message:
                waiting.set_result(message["ok"])
            else:
                fault = message.get("error", {})
                waiting.set_exception(
                    RemoteError(
                        fault.get("message", "no reason given"),
                        kind=fault.get("kind", "TreasurerError"),
                        exit_status=fault.get("exit_status", 3),
                        next_command=fault.get("next_command"),
                    )
                )

    def _fail_all(self) -> None:
        self._closed = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(NotRunning("the other process ended before it answered; ask again"))


async def connect(path: Path) -> Connection:
    """Connect to the socket at ``path``. Raises NotRunning where nobody listens."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(path))
    except (FileNotFoundError, ConnectionError) as error:
        raise NotRunning(f"nobody listens at {path}", next_command="treasurer up") from error
    return Connection(reader, writer)
