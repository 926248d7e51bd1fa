"""An endpoint's secrets stay inside, and what a node answers is believed only as far as it fits the request."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from treasurer.wallets.chain import ChainClient, InsufficientFunds, NonceTooLow, Underpriced, redact
from treasurer.wallets.errors import ChainError, InvalidValue, RpcRefused, WrongChain
from treasurer.wallets.transaction import transaction_hash

SECRET = "s3cr3t-project-key"
RAW = b"\x02\xc0"
Handler = Callable[[str, list[Any]], Awaitable[Any] | Any]


class Refusal(Exception):
    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message


@asynccontextmanager
async def node(handler: Handler, *, chain_id: int = 1) -> AsyncIterator[str]:
    """A JSON-RPC server on a free loopback port that answers by ``handler``."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": body["id"]}
        try:
            result = hex(chain_id) if body["method"] == "eth_chainId" else handler(body["method"], body["params"])
            if isinstance(result, Awaitable):
                result = await result
            if isinstance(result, web.StreamResponse):
                return result
            reply["result"] = result
        except Refusal as refusal:
            reply["error"] = {"code": refusal.code, "message": refusal.message}
        return web.json_response(reply)

    application = web.Application()
    application.router.add_post("/{key:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://user:{SECRET}@127.0.0.1:{port}/v2/{SECRET}"
    finally:
        await runner.cleanup()


def shown(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)


def test_only_scheme_and_host_are_shown() -> None:
    assert redact(f"https://me:{SECRET}@node.example:8443/v2/{SECRET}?key={SECRET}") == "https://node.example:8443"


def test_an_endpoint_is_http() -> None:
    with pytest.raises(InvalidValue) as caught:
        ChainClient([f"wss://node.example/{SECRET}"], 1)
    assert SECRET not in shown(caught.value)


async def test_an_unreachable_endpoint_is_named_without_its_key() -> None:
    async with node(lambda *_: "0x1") as url:
        gone = url
    with pytest.raises(ChainError) as caught:
        await ChainClient([gone], 1).open()
    assert SECRET not in shown(caught.value)
    assert "http://127.0.0.1" in str(caught.value)


async def test_a_node_that_echoes_the_key_does_not_get_it_into_the_message() -> None:
    def refuse(*_: Any) -> Any:
        raise Refusal(-32000, f"project {SECRET} is out of credits")

    async with node(refuse) as url, ChainClient([url], 1) as chain:
        with pytest.raises(RpcRefused) as caught:
            await chain.nonce("0x" + "11" * 20)
        assert SECRET not in shown(caught.value) + repr(chain)


async def test_another_chain_is_refused_at_once() -> None:
    async with node(lambda *_: "0x1", chain_id=5) as url:
        with pytest.raises(WrongChain, match="serves chain 5"):
            await ChainClient([url], 1).open()


async def test_a_read_fails_over_and_a_spare_on_another_chain_is_never_used() -> None:
    asked: list[str] = []

    def broken(method: str, _: Any) -> Any:
        asked.append(method)
        return web.Response(status=502, text="bad gateway")

    async with node(broken) as first, node(lambda *_: "0x7") as second, ChainClient([first, second], 1) as chain:
        assert await chain.nonce("0x" + "11" * 20) == 7
        assert asked == ["eth_getTransactionCount"]

    async with node(broken) as first, node(lambda *_: "0x7", chain_id=2) as other:
        chain = ChainClient([first], 1)
        await chain.open()
        chain._endpoints += ChainClient([other], 1)._endpoints
        with pytest.raises(WrongChain):
            await chain.nonce("0x" + "11" * 20)
        await chain.aclose()


async def test_a_refusal_is_an_answer_and_is_not_asked_again() -> None:
    asked: list[str] = []

    def refuse(method: str, _: Any) -> Any:
        asked.append(method)
        raise Refusal(3, "execution reverted")

    async with node(refuse) as url, ChainClient([url, url], 1) as chain:
        with pytest.raises(RpcRefused) as caught:
            await chain.call("0x" + "11" * 20, b"")
    assert caught.value.code == 3
    assert asked == ["eth_call"]


@pytest.mark.parametrize(
    "body", ["", "[1]", "{}", '{"id":1}', '{"id":999,"result":"0x1"}', "[" * 100_000, '{"result":"0x1","id":null}']
)
async def test_an_answer_that_is_none_is_an_error(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasurer.wallets.chain.client._BACKOFF_SECONDS", 0.001)
    async with node(lambda *_: web.Response(text=body)) as url, ChainClient([url], 1) as chain:
        with pytest.raises(ChainError):
            await chain.nonce("0x" + "11" * 20)


async def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasurer.wallets.chain.client._BACKOFF_SECONDS", 0.001)
    asked: list[str] = []

    def elsewhere(method: str, _: Any) -> Any:
        asked.append(method)
        return "0x1"

    async with node(elsewhere) as other:
        moved = lambda *_: web.Response(status=307, headers={"Location": other})  # noqa: E731
        async with node(moved) as url, ChainClient([url], 1) as chain:
            with pytest.raises(ChainError, match="HTTP 307"):
                await chain.nonce("0x" + "11" * 20)
    assert asked == []


async def test_an_answer_nested_without_end_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """What eth_account does to the recursion limit makes json.loads die of a segmentation fault here."""
    monkeypatch.setattr("treasurer.wallets.chain.client._BACKOFF_SECONDS", 0.001)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        async with node(lambda *_: web.Response(text="[" * 100_000)) as url, ChainClient([url], 1) as chain:
            with pytest.raises(ChainError, match="no JSON"):
                await chain.nonce("0x" + "11" * 20)
    finally:
        sys.setrecursionlimit(limit)


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasurer.wallets.chain.client._BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr("treasurer.wallets.chain.endpoint._LONGEST_ANSWER_BYTES", 1000)
    async with node(lambda *_: "0x" + "00" * 5000) as url, ChainClient([url], 1) as chain:
        with pytest.raises(ChainError, match="more than"):
            await chain.code("0x" + "11" * 20)


async def test_a_slow_node_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasurer.wallets.chain.client._BACKOFF_SECONDS", 0.001)
    async with node(lambda *_: asyncio.sleep(1)) as url, ChainClient([url], 1, timeout_seconds=0.05) as chain:
        with pytest.raises(ChainError, match="in time"):
            await chain.nonce("0x" + "11" * 20)


async def test_what_changes_the_chain_is_asked_once() -> None:
    asked: list[str] = []

    def broken(method: str, _: Any) -> Any:
        asked.append(method)
        return web.Response(status=503)

    async with node(broken) as url, ChainClient([url, url], 1) as chain:
        with pytest.raises(ChainError):
            await chain.request("evm_mine")
    assert asked == ["evm_mine"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("nonce too low: next nonce 5, tx nonce 4", NonceTooLow),
        ("replacement transaction underpriced", Underpriced),
        ("max fee per gas less than block base fee: address 0x..", Underpriced),
        ("Insufficient funds for gas * price + value", InsufficientFunds),
    ],
)
async def test_a_refused_broadcast_says_why_by_its_type(words: str, kind: type[RpcRefused]) -> None:
    def refuse(method: str, _: Any) -> Any:
        if method == "eth_getTransactionByHash":
            return None
        raise Refusal(-32000, words)

    async with node(refuse) as url, ChainClient([url], 1) as chain:
        with pytest.raises(kind):
            await chain.send_raw(RAW)


@pytest.mark.parametrize("words", ["already known", "transaction already imported"])
async def test_bytes_that_the_node_holds_are_no_error(words: str) -> None:
    def refuse(*_: Any) -> Any:
        raise Refusal(-32000, words)

    async with node(refuse) as url, ChainClient([url], 1) as chain:
        assert await chain.send_raw(RAW) == transaction_hash(RAW)


async def test_a_lost_answer_is_no_failure_when_the_next_node_has_the_transaction() -> None:
    def late(method: str, _: Any) -> Any:
        if method == "eth_getTransactionByHash":
            return {"hash": transaction_hash(RAW)}
        raise Refusal(-32000, "nonce too low")

    lost = lambda *_: web.Response(status=504)  # noqa: E731
    async with node(lost) as first, node(late) as second, ChainClient([first, second], 1) as chain:
        assert await chain.send_raw(RAW) == transaction_hash(RAW)


async def test_a_node_that_names_another_hash_is_not_believed() -> None:
    async with node(lambda *_: "0x" + "00" * 32) as url, ChainClient([url], 1) as chain:
        with pytest.raises(ChainError, match="do not trust"):
            await chain.send_raw(RAW)


async def test_finality_falls_back_to_depth_where_a_node_has_no_tags() -> None:
    header = {"hash": "0x" + "ab" * 32, "parentHash": "0x" + "cd" * 32, "timestamp": "0x1", "number": hex(100)}

    def tagless(_: str, params: list[Any]) -> Any:
        if params[0] in {"safe", "finalized"}:
            raise Refusal(-32602, "unknown block tag")
        return header

    async with node(tagless) as url:
        async with ChainClient([url], 1) as chain:
            finality = await chain.finality()
            assert (finality.latest, finality.safe, finality.finalized) == (100, 36, 36)
            assert finality.of(36) == "finalized"
            assert finality.of(37) == "included"
        async with ChainClient([url], 1, finality_depth=2) as chain:
            assert (await chain.finality()).finalized == 98
