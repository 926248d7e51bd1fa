"""Several reads in one round trip: each answer belongs to its question, whatever order or company it comes in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from treasurer.wallets.chain import ChainClient
from treasurer.wallets.errors import ChainError, InvalidValue, RpcRefused

ASKED = [("eth_getBalance", [name]) for name in ("a", "b", "c")]
HEADER = {"hash": "0x" + "ab" * 32, "parentHash": "0x" + "cd" * 32, "timestamp": "0x1", "number": "0x7"}
Answers = Callable[[list[dict[str, Any]]], Any]


class Node:
    """What a node was asked, one entry a request: the names of a batch, or of a single one."""

    def __init__(self, batch: Answers) -> None:
        self.batch = batch
        self.asked: list[list[str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        if isinstance(body, dict) and body["method"] == "eth_chainId":
            return web.json_response(told(body, "0x1"))
        asked = body if isinstance(body, list) else [body]
        self.asked.append([str(item["params"][0]) for item in asked])
        answered = self.batch(body) if isinstance(body, list) else told(body, f"0x{body['params'][0]}")
        return answered if isinstance(answered, web.StreamResponse) else web.json_response(answered)


@asynccontextmanager
async def serving(node: Node) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/", node.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def told(item: dict[str, Any], result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": item["id"], "result": result}


def refused(item: dict[str, Any], code: int, message: str = "no") -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": item["id"], "error": {"code": code, "message": message}}


def named(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each item answered by its own name."""
    return [told(item, f"0x{item['params'][0]}") for item in batch]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasurer.wallets.chain.client._BACKOFF_SECONDS", 0.001)


async def test_a_batch_is_one_request_and_its_answers_stand_in_the_order_asked() -> None:
    node = Node(lambda batch: named(batch)[::-1])
    async with serving(node) as url, ChainClient([url], 1) as chain:
        assert await chain.batch(ASKED) == ["0xa", "0xb", "0xc"]
    assert node.asked == [["a", "b", "c"]]


async def test_nothing_asked_is_no_request() -> None:
    node = Node(named)
    async with serving(node) as url, ChainClient([url], 1) as chain:
        assert await chain.batch([]) == []
    assert node.asked == []


async def test_a_refused_item_leaves_the_others_their_answers() -> None:
    node = Node(lambda batch: [named(batch)[0], refused(batch[1], 3, "execution reverted"), named(batch)[2]])
    async with serving(node) as url, ChainClient([url], 1) as chain:
        first, second, third = await chain.batch(ASKED)
    assert (first, third) == ("0xa", "0xc")
    assert isinstance(second, RpcRefused)
    assert second.code == 3


@pytest.mark.parametrize(
    "whole", [lambda batch: {"jsonrpc": "2.0", "id": None, "error": {"code": -32600}}, lambda _: {}]
)
async def test_a_node_that_takes_no_batches_is_asked_one_by_one_from_then_on(whole: Answers) -> None:
    node = Node(whole)
    async with serving(node) as url, ChainClient([url], 1) as chain:
        for _ in range(2):
            assert await chain.batch(ASKED) == ["0xa", "0xb", "0xc"]
    assert node.asked[0] == ["a", "b", "c"]
    assert sorted(node.asked[1:]) == [["a"], ["a"], ["b"], ["b"], ["c"], ["c"]]


@pytest.mark.parametrize(
    "lost",
    [
        lambda batch: named(batch)[:2],
        lambda batch: [*named(batch)[:2], named(batch)[0]],
        lambda batch: [*named(batch)[:2], {"jsonrpc": "2.0", "id": 10**9, "result": "0xc"}],
        lambda batch: [*named(batch)[:2], named(batch)[2] | {"id": str(batch[2]["id"])}],
        lambda batch: [*named(batch)[:2], named(batch)[2] | {"id": [batch[2]["id"]]}],
        lambda batch: [*named(batch)[:2], {"jsonrpc": "2.0", "id": batch[2]["id"]}],
        lambda batch: [*named(batch)[:2], "0xc"],
        lambda _: "0xa",
        lambda _: web.Response(text="[" * 100_000),
        lambda batch: web.json_response(named(batch), status=502),
    ],
)
async def test_where_an_answer_is_lost_another_endpoint_answers_all(lost: Answers) -> None:
    """Answers of two nodes are never mixed: they may stand at two blocks."""
    poor, whole = Node(lost), Node(lambda batch: [told(item, "0xf") for item in batch])
    async with serving(poor) as first, serving(whole) as second, ChainClient([first, second], 1) as chain:
        assert await chain.batch(ASKED) == ["0xf", "0xf", "0xf"]
    assert len(poor.asked) == len(whole.asked) == 1
    async with serving(poor) as only, ChainClient([only], 1) as chain:
        with pytest.raises(ChainError, match="no RPC endpoint answers"):
            await chain.batch(ASKED)


async def test_an_endpoint_that_goes_down_in_the_middle_is_replaced_for_the_whole_batch() -> None:
    going = Node(lambda _: {})

    async def answer(request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        if isinstance(body, dict) and body["params"] == ["b"]:
            return web.Response(status=503)
        return await Node.answer(going, request)

    going.answer = answer  # type: ignore[method-assign]
    whole = Node(lambda batch: [told(item, "0xf") for item in batch])
    async with serving(going) as first, serving(whole) as second, ChainClient([first, second], 1) as chain:
        assert await chain.batch(ASKED) == ["0xf", "0xf", "0xf"]


async def test_what_a_node_does_not_serve_another_one_may() -> None:
    poor = Node(lambda batch: [*named(batch)[:2], refused(batch[2], -32601)])
    whole = Node(lambda batch: [told(item, "0xf") for item in batch])
    async with serving(poor) as first, serving(whole) as second:
        async with ChainClient([first, second], 1) as chain:
            assert await chain.batch(ASKED) == ["0xf", "0xf", "0xf"]
        async with ChainClient([second, first], 1) as chain:
            assert await chain.batch(ASKED) == ["0xf", "0xf", "0xf"]
        async with ChainClient([first], 1) as chain:
            assert isinstance((await chain.batch(ASKED))[2], RpcRefused)


async def test_a_batch_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasurer.wallets.chain.endpoint._LONGEST_ANSWER_BYTES", 1000)
    node = Node(lambda batch: [told(item, "0x" + "00" * 500) for item in batch])
    async with serving(node) as url, ChainClient([url], 1) as chain:
        with pytest.raises(ChainError, match="more than"):
            await chain.batch(ASKED)


async def test_a_rate_limit_is_no_reason_to_ask_one_by_one() -> None:
    limited = Node(lambda _: web.json_response({"error": "slow down"}, status=429))
    whole = Node(named)
    async with serving(limited) as first, serving(whole) as second, ChainClient([first, second], 1) as chain:
        assert await chain.batch(ASKED) == ["0xa", "0xb", "0xc"]
    assert limited.asked == [["a", "b", "c"]]


async def test_what_changes_something_is_no_part_of_a_batch() -> None:
    node = Node(named)
    async with serving(node) as url, ChainClient([url], 1) as chain:
        with pytest.raises(InvalidValue, match="only reads"):
            await chain.batch([*ASKED, ("eth_sendRawTransaction", ["0x00"])])
    assert node.asked == []


async def test_the_newest_header_comes_with_other_reads_and_is_remembered_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node = Node(lambda batch: [told(batch[0], HEADER), *named(batch[1:])])
    async with serving(node) as url, ChainClient([url], 1) as chain:
        assert chain.newest is None
        header, answers = await chain.newest_with(ASKED)
        assert (header.number, answers) == (7, ["0xa", "0xb", "0xc"])
        assert chain.newest == header
        monkeypatch.setattr("treasurer.wallets.chain.client._NEWEST_SECONDS", -1.0)
        assert chain.newest is None


@pytest.mark.parametrize("header", [None, {}, {"number": "0x7"}])
async def test_no_header_is_an_error(header: Any) -> None:
    node = Node(lambda batch: [told(batch[0], header), *named(batch[1:])])
    async with serving(node) as url, ChainClient([url], 1) as chain:
        with pytest.raises(ChainError):
            await chain.newest_with(ASKED)
        assert chain.newest is None
