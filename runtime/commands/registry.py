"""`treasurer registry`: the addresses that come with treasurer, and the code that runs at those of a book."""

from __future__ import annotations

from typing import Annotated

import typer

from .terminal import AsJson, await_result, bot_folder, emit, emit_rows, note, say

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
    from ...wallets.hints import nearest_or_all
    from ...wallets.registry import registry_of
    from ...wallets.values import DEVNET_CHAIN_ID, checksum
    from ..bot.creation import CHAINS

    if chain in ("devnet", str(DEVNET_CHAIN_ID)):
        raise InvalidValue("a devnet's registry is where `treasurer devnet up` says: it lies with its contracts")
    if chain not in CHAINS and not chain.isdecimal():
        raise InvalidValue(f"no chain is called {chain}{nearest_or_all(chain, CHAINS)}")
    registry = registry_of(CHAINS[chain] if chain in CHAINS else int(chain))
    if as_json:
        emit(registry.model_dump(mode="json"))
        return
    for kind, rows in (("token", registry.tokens), ("venue", registry.venues), ("contract", registry.contracts)):
        for label, row in rows.items():
            say(f"{kind:8}  {label:24}  {checksum(row.address)}  {row.source}")


@app.command(epilog="Example: treasurer --bot acme registry pin --write")
def pin(
    context: typer.Context,
    write: Annotated[bool, typer.Option("--write", help="Write what was read into book.yaml.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the code at the book's venues and tokens from two endpoints; what an owner then signs is pinned."""
    from ...wallets.values import checksum
    from ..bot.configuration import read_configuration
    from ..bot.pinning import read_pins, write_pins

    folder = bot_folder(context)
    configuration = read_configuration(folder.configuration)
    pins = await_result(read_pins(folder, configuration))
    changed = write and write_pins(folder, configuration, pins)
    if as_json:
        emit_rows([one.model_dump(mode="json") for one in pins])
    else:
        for one in pins:
            behind = (
                ""
                if one.implementation is None
                else f"  behind it {checksum(one.implementation)} {one.implementation_hash}"
            )
            say(f"{one.section[:-1]:6}  {one.label:16}  {one.code_hash}{behind}")
    if changed:
        note("book.yaml changed: an owner signs it before the guard obeys it")
        note("next: treasurer policy sign --keystore OWNER.json")
