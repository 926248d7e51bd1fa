"""Frames: four bytes of length, big-endian, then that many bytes of JSON."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic_core import from_json, to_json

from .errors import IpcError, Unsendable

MAX_FRAME_BYTES = 8 * 1024 * 1024
"""A proposal with its simulation is a few kilobytes; nothing honest comes near this."""


_UNREADABLE = "a message holds what is no text, or is nested too deep"


async def read_frame(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next object, None at the end of the stream. Raises IpcError for anything malformed or too large."""
    try:
        length = int.from_bytes(await reader.readexactly(4), "big")
        if length > MAX_FRAME_BYTES:
            raise IpcError(f"a message of {length} bytes is over the limit of {MAX_FRAME_BYTES}")
        payload = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    try:
        # Not json.loads: eth_account raises the recursion limit, and a deep message would then overflow the C stack.
        message = from_json(payload)
    except ValueError as error:
        raise IpcError("a message is not JSON, or nested too deep") from error
    if not isinstance(message, dict):
        raise IpcError("a message is not an object")
    return message


async def write_frame(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    """Send one object whole. Raises Unsendable, with nothing sent, where the other side could not read it."""
    payload = _payload(message)
    writer.write(len(payload).to_bytes(4, "big") + payload)
    await writer.drain()


def _payload(message: dict[str, Any]) -> bytes:
    try:
        # Not json.dumps: see read_frame; its recursion overflows the C stack just so.
        payload = to_json(message)
    except ValueError as error:
        raise Unsendable(_UNREADABLE) from error
    if len(payload) > MAX_FRAME_BYTES:
        raise Unsendable(f"a message of {len(payload)} bytes is over the limit of {MAX_FRAME_BYTES}")
    try:
        from_json(payload)  # as it will be read: half characters and deep nesting are JSON to one library alone
    except ValueError as error:
        raise Unsendable(_UNREADABLE) from error
    return payload
