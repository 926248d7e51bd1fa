"""`treasurer devnet up` and `down`: a real chain on this machine, for trying things out."""

from __future__ import annotations

import json
from typing import Annotated

import typer

DEFAULT_PORT = 8545
LARGEST_PORT = 65_535

app = typer.Typer(
    name="devnet", help="A real chain on this machine, with Uniswap, Aave and Safe.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command(epilog="Example: treasurer devnet up --port 8545 --json")
def up(
    port: Annotated[
        int, typer.Option(min=0, max=LARGEST_PORT, help="Port of the node; 0 takes a free one.")
    ] = DEFAULT_PORT,
    as_json: AsJson = False,
) -> None:
    """Start a devnet in the background; returns when it is ready. The first time installs anvil from npm."""
    from ...wallets.values import DEVNET_CHAIN_ID
    from . import background
    from .node import ACCOUNTS

    running = background.start(port, progress=lambda line: typer.echo(line, err=True))
    if as_json:
        answer = {
            "rpc": running.rpc,
            "chain_id": DEVNET_CHAIN_ID,
            "registry": running.registry,
            "accounts": list(ACCOUNTS),
        }
        typer.echo(json.dumps(answer))
        return
    typer.echo(f"the devnet is ready at {running.rpc}, chain {DEVNET_CHAIN_ID}")
    typer.echo(f"its addresses: {running.registry}")
    typer.echo(f"its log:       {running.log}")
    typer.echo("end it with:   treasurer devnet down")


@app.command(epilog="Example: treasurer devnet down")
def down(
    port: Annotated[
        int | None, typer.Option(min=1, max=LARGEST_PORT, help="Which devnet; by default the one started last.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """End a devnet that `up` started; what happened on it is gone."""
    from . import background

    ended = background.stop(port)
    others = [one.port for one in background.running()]
    if as_json:
        typer.echo(json.dumps({"rpc": ended.rpc, "ended": True, "still_running": others}))
        return
    typer.echo(f"ended the devnet at {ended.rpc}")
    for other in others:
        typer.echo(f"another runs: treasurer devnet down --port {other}")
