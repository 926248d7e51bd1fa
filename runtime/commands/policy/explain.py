"""`treasurer policy explain`: any transaction or signature for a person, and what a policy says of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ..terminal import AsJson, emit, printable, standard_input
from .check import lines_of
from .observer import Observer

if TYPE_CHECKING:
    from ....policies.check.explained import Source
    from ....policies.explain.explanation import Explanation

STYLES = {
    "plain": "",
    "call": "bold",
    "effect": "",
    "unusual": "yellow",
    "faint": "dim",
    "verdict": "bold",
}


def explain(  # noqa: PLR0917 - typer passes options by name
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Proposals, one a line; else standard input.")
    ] = None,
    tx: Annotated[str | None, typer.Option(metavar="0xHASH", help="A transaction that --rpc knows.")] = None,
    raw: Annotated[str | None, typer.Option(metavar="0x..", help="The bytes of a transaction, signed or not.")] = None,
    sender: Annotated[str | None, typer.Option("--from", metavar="0x..", help="Who sends what is not signed.")] = None,
    chain: Annotated[int | None, typer.Option(help="The chain, where the bytes do not say.")] = None,
    policy: Annotated[Path | None, typer.Option(metavar="FILE", help="Also judge by this policy.yaml.")] = None,
    book: Annotated[Path | None, typer.Option(metavar="FILE", help="Take names from this book.yaml.")] = None,
    rpc: Annotated[str | None, typer.Option(metavar="URL", help="Read the chain there.")] = None,
    prices: Annotated[Path | None, typer.Option(metavar="FILE", help='USD for one unit: {"usdc": "1"}.')] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a transaction or signature does: its calls as a tree, their effects, and what is unusual about it."""
    from ....policies.check.explained import Explainer

    if sum(item is not None for item in (file, tx, raw)) > 1:
        raise typer.BadParameter("give one of --file, --tx and --raw")
    if tx is not None and rpc is None:
        raise typer.BadParameter("--tx is a hash, and the transaction lies on a chain: give --rpc URL with it")
    explainer = Explainer.read(policy, book, prices)
    policy_read = None if explainer.bundle is None else explainer.bundle.policy
    with nullcontext() if rpc is None else closing(Observer(rpc, policy_read)) as observer:
        for number, source in enumerate(_sources(file, tx, raw, sender, chain, observer)):
            told = explainer.explain(source, None if observer is None or not explainer.has_book else observer.observe)
            if as_json:
                emit(told.model_dump(mode="json"))
            else:
                _show(told, apart=number > 0)


def _sources(
    file: Path | None,
    tx: str | None,
    raw: str | None,
    sender: str | None,
    chain: int | None,
    observer: Observer | None,
) -> Iterator[Source]:
    from ....policies.check.explained import Source

    at = datetime.now(UTC)
    if tx is not None and observer is not None:
        yield Source.of_answer(observer.transaction(tx), at)
    elif raw is not None:
        from ....wallets.raw_transaction import read_raw_transaction
        from ....wallets.values import parse_hex

        yield Source.of_raw(read_raw_transaction(parse_hex(raw)), at, sender=sender, chain_id=chain)
    else:
        with nullcontext(standard_input()) if file is None else _opened(file) as stream:
            for line in lines_of(stream):
                if line.strip():
                    yield Source.of_line(line)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        from ....wallets.errors import InvalidValue

        raise InvalidValue(f"{file} cannot be read: {error.strerror}") from error


def _show(told: Explanation, *, apart: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from ....policies.explain.told import branches, lines

    console = Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True)
    if apart:
        console.print()
    for text, style in lines(branches(told)):
        console.print(Text(printable(text), style=STYLES[style]))
