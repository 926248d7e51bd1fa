"""`treasurer config`: is treasurer.toml right?"""

from __future__ import annotations

import typer

from .terminal import AsJson, bot_folder, emit, note, say

app = typer.Typer(help="The bot's configuration.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The bot's configuration."""


@app.command(epilog="Example: treasurer --bot acme config check")
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Read treasurer.toml, the policy and the book; every fault with its line and the nearest word."""
    from ..bot.bundle import read_bundle
    from ..bot.configuration import read_configuration
    from ..bot.doctor import warnings

    folder = bot_folder(context)
    configuration = read_configuration(folder.configuration)
    bundle = read_bundle(folder, configuration)
    found = warnings(folder, configuration, bundle)
    row = {
        "name": configuration.name,
        "chain_id": configuration.chain.id,
        "mode": configuration.mode,
        "policy_cid": bundle.cid,
        "warnings": found,
    }
    for warning in found:
        note(f"warn  {warning}")
    if as_json:
        emit(row)
    else:
        say(
            f"{folder.configuration} is right: {row['name']} on chain {row['chain_id']}, mode {row['mode']},"
            f" policy {bundle.policy.name} ({bundle.cid})"
        )
