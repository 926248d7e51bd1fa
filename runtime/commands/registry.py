"""`treasurer registry`: the addresses that come with treasurer, each with its source."""

from __future__ import annotations

from typing import Annotated

import typer

from .terminal import AsJson, emit, say

app = typer.Typer(help="The addresses that come with treasurer, each with its source.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The addresses that come with treasurer, each with its source."""


@app.command(epilog="Example: treasurer registry show --chain base")
def show(
    chain: Annotated[str, typer.Option(help="A chain's name or number.")] = "ethereum",
    as_json: AsJson = False,
) -> None:
    """Tokens, venues and contracts of a chain. They authorize nothing: only a signed book does."""
    from ...wallets.errors import InvalidValue
    from ...wallets.registry import registry_of
    from ...wallets.values import checksum
    from ..creation import CHAINS

    if chain not in CHAINS and not chain.isdecimal():
        raise InvalidValue(f"no chain is called {chain}: choose from {', '.join(CHAINS)}")
    registry = registry_of(CHAINS[chain] if chain in CHAINS else int(chain))
    if as_json:
        emit(registry.model_dump(mode="json"))
        return
    for kind, rows in (("token", registry.tokens), ("venue", registry.venues), ("contract", registry.contracts)):
        for label, row in rows.items():
            say(f"{kind:8}  {label:24}  {checksum(row.address)}  {row.source}")
