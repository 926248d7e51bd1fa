"""`treasurer policy check`: a batch of proposals, a verdict each."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ....policies.facts import Facts
    from ....policies.language.book import Book
    from ....policies.proposal import Proposal
    from ....wallets.chain import ChainClient

LONGEST_LINE_BYTES = 1 << 21
"""What is read of one line at most: the judge calls a line of half of it malformed, and the rest is thrown away."""


def check(  # noqa: PLR0917 - typer passes options by name
    policy: Annotated[Path, typer.Option(metavar="FILE", help="The policy.yaml to judge by.")],
    book: Annotated[Path | None, typer.Option(metavar="FILE", help="Its book.yaml.")] = None,
    rpc: Annotated[str | None, typer.Option(metavar="URL", help="Read the chain there.")] = None,
    static: Annotated[bool, typer.Option("--static", help="Judge what calldata alone tells.")] = False,
    prices: Annotated[Path | None, typer.Option(metavar="FILE", help='USD for one unit: {"usdc": "1"}.')] = None,
    balances: Annotated[Path | None, typer.Option(metavar="FILE", help='Whole units: {"usdc": "120000.5"}.')] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answers are JSON lines with or without it.")] = False,
) -> None:
    """Read proposals from standard input, one JSON object a line; write one verdict a line, in order."""
    from ....policies.check.check import check as judge_lines
    from ....policies.check.check import read_numbers
    from ....policies.language.bundle import PolicyBundle
    from ....policies.language.documents import read_file

    if rpc is not None and static:
        raise typer.BadParameter("--static reads no chain: give --rpc or --static, not both")
    bundle = PolicyBundle.read(policy, book)
    with nullcontext() if rpc is None else closing(_Observer(rpc, bundle.book)) as observer:
        answers = judge_lines(
            _lines(sys.stdin.buffer),
            bundle,
            prices={} if prices is None else read_numbers(read_file(prices), str(prices)),
            balances={} if balances is None else read_numbers(read_file(balances), str(balances)),
            static=rpc is None,
            observe=observer,
        )
        for answer in answers:
            sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream without their ends; of an endless line its beginning."""
    while line := source.readline(LONGEST_LINE_BYTES):
        rest = line
        while not rest.endswith(b"\n") and len(rest) == LONGEST_LINE_BYTES:
            rest = source.readline(LONGEST_LINE_BYTES)
        yield line.removesuffix(b"\n").removesuffix(b"\r")


class _Observer:
    """Reads the facts of proposals from one RPC; one connection for the whole batch."""

    def __init__(self, url: str, book: Book) -> None:
        self._url = url
        self._book = book
        self._runner = asyncio.Runner()
        self._clients: dict[int, ChainClient] = {}

    def __call__(self, proposal: Proposal, at: datetime) -> Facts:
        """The facts of one proposal on the newest block. Raises ChainError."""
        return self._runner.run(self._observe(proposal, at))

    async def _observe(self, proposal: Proposal, at: datetime) -> Facts:
        from ....policies.observation.observe import observe
        from ....wallets.chain import ChainClient

        client = self._clients.get(proposal.chain_id)
        if client is None:
            client = await ChainClient([self._url], proposal.chain_id).open()
            self._clients[proposal.chain_id] = client
        return await observe(client, self._book, proposal, at=at)

    def close(self) -> None:
        """Closes what was opened."""
        for client in self._clients.values():
            self._runner.run(client.aclose())
        self._runner.close()
