"""`treasurer policy check`: a batch of proposals, a verdict each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import IO, Annotated

import typer

from ..terminal import standard_input
from .observer import Observer

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
    from ....policies.documents.yaml_document import read_file
    from ....policies.language.bundle import PolicyBundle

    if rpc is not None and static:
        raise typer.BadParameter("--static reads no chain: give --rpc or --static, not both")
    if rpc is None and not static:
        raise typer.BadParameter("give --rpc URL to read the chain there, or --static to judge by calldata alone")
    lines = standard_input()
    bundle = PolicyBundle.read(policy, book)
    with nullcontext() if rpc is None else closing(Observer(rpc, bundle.policy)) as observer:
        answers = judge_lines(
            lines_of(lines),
            bundle,
            prices={} if prices is None else read_numbers(read_file(prices), str(prices)),
            balances={} if balances is None else read_numbers(read_file(balances), str(balances)),
            static=rpc is None,
            observe=None if observer is None else observer.observe_by(bundle.book),
        )
        for answer in answers:
            sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def lines_of(source: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream without their ends; of an endless line its beginning."""
    while line := source.readline(LONGEST_LINE_BYTES):
        rest = line
        while not rest.endswith(b"\n") and len(rest) == LONGEST_LINE_BYTES:
            rest = source.readline(LONGEST_LINE_BYTES)
        yield line.removesuffix(b"\n").removesuffix(b"\r")
