"""`treasurer init`: a new bot in a folder of its own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from .terminal import AsJson, emit, say

app = typer.Typer()


@app.command(epilog="Example: treasurer init acme --chain devnet")
def init(  # noqa: PLR0917 - each is an option of the command line
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The bot's folder; it must be empty or not exist.")],
    chain: Annotated[
        str, typer.Option(help="devnet, sepolia, base-sepolia, ethereum, base, arbitrum, optimism or polygon.")
    ] = "devnet",
    rpc: Annotated[
        list[str] | None,
        typer.Option(help="An endpoint: a URL without credentials, env:NAME or file:PATH. Twice for two."),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="The address that signs policies (away from a devnet it is required).")
    ] = None,
    password: Annotated[
        str, typer.Option(help="The wallet's password: env:NAME, file:PATH or prompt (not on a devnet).")
    ] = "prompt",
    preset: Annotated[str, typer.Option(help="The policy to begin with.")] = "conservative",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a bot: wallet, clearance and log keys, policy.yaml, book.yaml, treasurer.toml."""
    from ...wallets.values import parse_address
    from ..bot.creation import NewBot, create, refuse_early
    from ..bot.secrets import reference, resolve

    signer = None if owner is None else parse_address(owner)
    endpoints = tuple(
        rpc or (["http://127.0.0.1:8545"] if chain == "devnet" else ["env:TREASURER_RPC_1", "env:TREASURER_RPC_2"])
    )
    refuse_early(folder, chain, owner)
    secret = None
    if chain != "devnet":
        if not yes and not typer.confirm(f"make a bot for {chain} in {folder}?", default=True, err=True):
            raise typer.Abort
        secret = resolve(reference(password), root=Path.cwd(), purpose="a password for the wallet")
    created = create(
        NewBot(
            folder=folder,
            chain=chain,
            rpc=endpoints,
            owner=signer,
            password=secret,
            password_reference=_from_anywhere(password),
            preset=preset,
        )
    )
    if as_json:
        emit(created.model_dump(mode="json"))
        return
    say(f"{created.folder}: wallet {created.wallet} on chain {created.chain_id}, mode {created.mode}")
    say(f"policy {created.policy_cid}, owner {created.owner}")
    if created.owner_keystore:
        say(f"throwaway owner of this devnet bot: {created.owner_keystore} (password beside it)")
        say(f"next: cd {shlex.quote(str(folder))} && treasurer doctor && treasurer up")
    else:
        say("next: read policy.yaml and book.yaml, then an owner signs: treasurer policy sign --keystore OWNER.json")


def _from_anywhere(reference: str) -> str:
    """A file that was named from the working folder, named so that the bot finds it from its own."""
    path = reference.removeprefix("file:")
    return reference if path == reference or "${" in path else f"file:{Path(path).expanduser().absolute()}"
