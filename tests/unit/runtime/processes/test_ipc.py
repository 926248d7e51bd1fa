"""Messages between the processes: whatever comes, the asker gets an answer and the process goes on."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from treasurer.runtime.processes.ipc import Connection, IpcError, NotRunning, RemoteError, Unsendable, connect, serve
from treasurer.runtime.processes.ipc.frames import MAX_FRAME_BYTES
from treasurer.runtime.processes.ipc.server import MAX_OPEN_REQUESTS, Server
from treasurer.wallets.errors import InvalidValue


class Params(BaseModel):
    number: int


class Handling:
    running = 0
    most = 0
    finished = 0


async def _handle(method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "refuse":
        raise InvalidValue("no", next_command="treasurer status")
    if method == "typed":
        return {"number": Params.model_validate(params).number}
    if method == "break":
        raise ZeroDivisionError("the secret is 1234")
    if method == "value":
        raise ValueError("embedded null byte\nand a second line")
    if method == "much":
        return {"text": "x" * (MAX_FRAME_BYTES + 1)}
    if method == "half":
        return {"text": "\ud800"}
    if method == "slow":
        Handling.running += 1
        Handling.most = max(Handling.most, Handling.running)
        try:
            await asyncio.sleep(params.get("seconds", 0.05))
            Handling.finished += 1
        finally:
            Handling.running -= 1
    return params


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    Handling.running = Handling.most = Handling.finished = 0
    server = await serve(tmp_path / "s", _handle)
    yield server
    await server.close()


@pytest.fixture
async def line(server: Server, tmp_path: Path) -> AsyncIterator[Connection]:
    connection = await connect(tmp_path / "s")
    yield connection
    await connection.close()


async def _raw(path: Path, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(sent)
    await writer.drain()
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


def _frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


async def test_answers_find_their_askers_in_any_order(line: Connection) -> None:
    slow, quick = line.ask("slow", {"seconds": 0.1, "n": 1}), line.ask("echo", {"n": 2})
    assert [answer["n"] for answer in await asyncio.gather(slow, quick)] == [1, 2]


async def test_a_refusal_travels_with_its_next_command(line: Connection) -> None:
    with pytest.raises(RemoteError) as refused:
        await line.ask("refuse")
    assert (refused.value.kind, refused.value.exit_status) == ("InvalidValue", 2)
    assert refused.value.next_command == "treasurer status"


async def test_malformed_parameters_are_named(line: Connection) -> None:
    with pytest.raises(RemoteError, match="typed: number") as refused:
        await line.ask("typed", {"number": "many"})
    assert refused.value.exit_status == 2


async def test_a_fault_of_the_handler_is_answered_without_its_words(
    line: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RemoteError, match="ZeroDivisionError") as refused:
        await asyncio.wait_for(line.ask("break"), 5)
    assert "1234" not in str(refused.value)
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert await line.ask("echo", {"n": 1}) == {"n": 1}


async def test_an_answer_that_is_too_large_is_an_error_and_not_silence(line: Connection) -> None:
    with pytest.raises(RemoteError, match="over the limit"):
        await asyncio.wait_for(line.ask("much"), 10)


async def test_an_answer_that_is_no_text_is_an_error_and_not_silence(line: Connection) -> None:
    with pytest.raises(RemoteError, match="no text") as failed:
        await asyncio.wait_for(line.ask("half"), 5)
    assert failed.value.exit_status == 3
    assert await line.ask("echo", {"n": 1}) == {"n": 1}


@pytest.mark.parametrize("depth", [0, 500, 100_000])
async def test_a_request_that_nobody_could_read_is_wrong_input_and_not_sent(line: Connection, depth: int) -> None:
    params: dict[str, Any] = {"text": "\udcff\udcfe" if depth == 0 else ""}
    for _ in range(depth):
        params = {"in": params}
    with pytest.raises(Unsendable) as refused:
        await asyncio.wait_for(line.ask("echo", params), 5)
    assert refused.value.exit_status == 2
    assert await line.ask("echo", {"n": 1}) == {"n": 1}


async def test_a_line_that_is_cut_while_a_request_is_sent_leaves_no_failure_behind(tmp_path: Path) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4)
        writer.transport.abort()

    unheard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    server = await asyncio.start_unix_server(cut, path=str(tmp_path / "c"))
    connection = await connect(tmp_path / "c")
    with pytest.raises(NotRunning):
        await asyncio.wait_for(connection.ask("echo", {"text": "x" * (MAX_FRAME_BYTES // 2)}), 5)
    await connection.close()
    server.close()
    gc.collect()
    await asyncio.sleep(0)
    assert unheard == []


async def test_a_request_that_is_too_large_is_not_sent(line: Connection) -> None:
    with pytest.raises(IpcError, match="over the limit"):
        await line.ask("echo", {"text": "x" * (MAX_FRAME_BYTES + 1)})


@pytest.mark.parametrize(
    "sent",
    [
        (MAX_FRAME_BYTES + 1).to_bytes(4, "big"),
        _frame(b"not json"),
        _frame(b"[1]"),
        _frame(b"\xff\xfe"),
        _frame(b'{"id":1,"method":"echo","params":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        _frame(b'{"id":1,"method":7,"params":{}}'),
        _frame(b'{"id":1,"method":"echo","params":[]}'),
    ],
    ids=["oversize", "garbage", "array", "bytes", "deep", "method", "params"],
)
async def test_garbage_gets_an_error_and_the_next_asker_an_answer(
    server: Server, tmp_path: Path, line: Connection, sent: bytes
) -> None:
    answer = await _raw(tmp_path / "s", sent)
    assert json.loads(answer[4:])["error"]["kind"] == "IpcError"
    assert await line.ask("echo", {"n": 1}) == {"n": 1}


async def test_whoever_goes_in_the_middle_is_forgotten(server: Server, tmp_path: Path) -> None:
    _, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
    writer.write(_frame(json.dumps({"id": 1, "method": "slow", "params": {"seconds": 60}}).encode()))
    writer.write(b"\x00\x00")
    await writer.drain()
    await asyncio.sleep(0.1)
    assert not server.idle.is_set()
    writer.close()
    await asyncio.wait_for(server.idle.wait(), 5)
    await asyncio.sleep(0)
    assert (Handling.running, Handling.finished) == (0, 0)


async def test_one_peer_has_so_many_requests_open_and_no_more(line: Connection) -> None:
    await asyncio.gather(*(line.ask("slow") for _ in range(MAX_OPEN_REQUESTS * 3)))
    assert Handling.most == MAX_OPEN_REQUESTS
    assert Handling.finished == MAX_OPEN_REQUESTS * 3


async def test_an_answer_that_cannot_be_read_fails_the_askers(tmp_path: Path) -> None:
    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(_frame(b"not json"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(lie, path=str(tmp_path / "l"))
    connection = await connect(tmp_path / "l")
    with pytest.raises(NotRunning):
        await asyncio.wait_for(connection.ask("echo"), 5)
    with pytest.raises(NotRunning):
        await connection.ask("echo")
    assert connection.closed
    await connection.close()
    server.close()


async def test_nobody_else_may_reach_it(server: Server, tmp_path: Path) -> None:
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0
    server._users = frozenset({os.getuid() + 1})
    connection = await connect(tmp_path / "s")
    with pytest.raises(NotRunning):
        await asyncio.wait_for(connection.ask("echo"), 5)
    await connection.close()


async def test_where_nobody_listens_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="nobody listens"):
        await connect(tmp_path / "nobody")


async def test_a_wrong_value_is_a_sentence(line: Connection) -> None:
    with pytest.raises(RemoteError, match="value: embedded null byte") as raised:
        await line.ask("value")
    assert "second" not in str(raised.value)
    assert raised.value.exit_status == 2
