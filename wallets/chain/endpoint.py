"""One JSON-RPC endpoint over HTTP: a request, its answer, and never a word of the URL's secrets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic_core import from_json, to_json

from ..errors import ChainError, InvalidValue, RpcRefused

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_LONGEST_ANSWER_BYTES = 64 * 2**20
"""A simulation with its logs is some 100 kB; a node that sends without end must not fill the guard's memory."""
_LONGEST_MESSAGE = 300
METHOD_NOT_FOUND = -32601
"""JSON-RPC 2.0."""
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Unreachable(ChainError):
    """This endpoint gave no usable answer now; another one, or a later try, may."""


def redact(url: str) -> str:
    """Scheme, host and port of a URL: paths and user names hold keys."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class Endpoint:
    """A node's URL and the requests to it; ``name`` is what may be shown."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidValue("an RPC endpoint is a URL that begins with http:// or https://")
        self._url = url
        self._secrets = [text for text in (*parts.path.split("/"), parts.query, parts.username, parts.password) if text]
        self._ids = count(1)
        self.name = redact(url)
        self.chain_checked = False
        self.takes_batches = True
        self._lacks: set[str] = set()

    @property
    def url(self) -> str:
        """The whole URL, for a library that connects by itself. It may hold a key: never show it."""
        return self._url

    async def request(self, session: ClientSession, method: str, params: list[Any]) -> Any:
        """The result of one request. Raises RpcRefused for the node's own error, Unreachable for all in between.

        A method that the node said it does not have is not asked for again.
        """
        if method in self._lacks:
            raise self._missing(method)
        number = next(self._ids)
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        text, status = await self._post(session, body, method)
        return self._result(self._parsed(text, status, method), status, method, number)

    async def batch(self, session: ClientSession, asked: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """The results of several requests in one round trip, in order; an RpcRefused stands where the node refused one.

        Raises RpcRefused where the node refuses the batch as a whole, Unreachable for all in between.
        """
        lacking = [method in self._lacks for method, _ in asked]
        if any(lacking):
            served = [one for one, lacks in zip(asked, lacking, strict=True) if not lacks]
            found = iter(await self.batch(session, served) if served else ())
            pairs = zip(asked, lacking, strict=True)
            return [self._missing(method) if lacks else next(found) for (method, _), lacks in pairs]
        numbers = [next(self._ids) for _ in asked]
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in zip(numbers, asked, strict=True)
        ]
        text, status = await self._post(session, body, "a batch")
        answers = self._parsed(text, status, "a batch")
        if isinstance(answers, dict):
            raise self._refusal(answers.get("error") or "it takes no batches", status, "a batch")
        if not isinstance(answers, list):
            raise Unreachable(f"{self.name} answered a batch with HTTP {status} and no list")
        told = [answer for answer in answers if isinstance(answer, dict)]
        by_number = {answer["id"]: answer for answer in told if type(answer.get("id")) is int}
        results: list[Any] = []
        for number, (method, _) in zip(numbers, asked, strict=True):
            try:
                results.append(self._result(by_number.get(number), status, method, number))
            except RpcRefused as refused:
                results.append(refused)
        return results

    async def _post(self, session: ClientSession, body: object, method: str) -> tuple[bytes, int]:
        import aiohttp

        try:
            # A redirect would carry the request, and a key in its path, to a host that nobody configured.
            data = to_json(body)
            async with session.post(self._url, data=data, headers=_JSON, allow_redirects=False) as response:
                return await self._read(response), response.status
        except TimeoutError:
            raise Unreachable(f"{self.name} did not answer {method} in time") from None
        except (aiohttp.ClientError, OSError) as error:
            # The library's own error may hold the whole URL, so it is not chained.
            raise Unreachable(f"{self.name} cannot be reached ({type(error).__name__})") from None

    async def _read(self, response: ClientResponse) -> bytes:
        chunks, size = [], 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > _LONGEST_ANSWER_BYTES:
                raise Unreachable(f"{self.name} sent an answer of more than {_LONGEST_ANSWER_BYTES >> 20} MiB")
            chunks.append(chunk)
        return b"".join(chunks)

    def _parsed(self, text: bytes, status: int, method: str) -> Any:
        try:
            # Not json.loads: eth_account raises the recursion limit, and its parser then overflows the C stack.
            return from_json(text)
        except ValueError:
            raise Unreachable(f"{self.name} answered {method} with HTTP {status} and no JSON") from None

    def _result(self, answer: object, status: int, method: str, number: int) -> Any:
        if not isinstance(answer, dict):
            raise Unreachable(f"{self.name} answered {method} with HTTP {status} and no JSON-RPC object")
        if answer.get("error") is not None:
            raise self._refusal(answer["error"], status, method)
        if status != 200 or answer.get("id") != number or "result" not in answer:
            raise Unreachable(f"{self.name} answered {method} with HTTP {status} and no result for this request")
        return answer["result"]

    def _missing(self, method: str) -> RpcRefused:
        return RpcRefused(f"{self.name} has no {method}, as it said before", code=METHOD_NOT_FOUND)

    def _refusal(self, error: object, status: int, method: str) -> ChainError:
        if status == 429:
            return Unreachable(f"{self.name} limits the rate of requests (HTTP 429)")
        fields = error if isinstance(error, dict) else {"message": error}
        code, data = fields.get("code"), fields.get("data")
        said = "".join(c if c.isprintable() else " " for c in str(fields.get("message", "no message")))
        for secret in self._secrets:
            if len(secret) >= 8:
                said = said.replace(secret, "..")
        if code == METHOD_NOT_FOUND:
            self._lacks.add(method)
        return RpcRefused(
            f"{self.name} refused {method}: {said[:_LONGEST_MESSAGE]}",
            code=code if isinstance(code, int) else None,
            data=data if isinstance(data, str) else None,
        )
