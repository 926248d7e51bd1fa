"""`treasurer model`: the models that may plan, fetched once, held by their hash, shared by all bots."""

from __future__ import annotations

from typing import Annotated

import typer

from .terminal import AsJson, bot_folder, emit, emit_rows, say

app = typer.Typer(help="The models that may plan: fetched once, held by their hash.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The model's name in the catalog.")]


@app.command(name="list", epilog="Example: treasurer model list --json")
def list_all(as_json: AsJson = False) -> None:
    """Every model of the catalog, with its size and licence, and whether it is on this machine."""
    from ...inference.models import list_models

    found = list_models()
    rows = [
        {
            "name": status.manifest.name,
            "size_bytes": status.manifest.size_bytes,
            "licence": status.manifest.licence,
            "sha256": status.manifest.sha256,
            "path": str(status.path) if status.path else None,
        }
        for status in found
    ]
    if as_json:
        emit_rows(rows)
        return
    for status in found:
        manifest = status.manifest
        say(f"{manifest.name}  {manifest.size_bytes / 1e9:.2f} GB  {manifest.licence}  {status.path or 'not here'}")


@app.command(epilog="Example: treasurer model pull qwen2.5-coder-1.5b-q4_k_m")
def pull(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="The model's name in the catalog; left out, the bot's, else the default.")
    ] = None,
    source: Annotated[str | None, typer.Option("--from", help="Another place: an https or file URL.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a model; an interrupted download goes on where it stopped, a file with another hash is refused."""
    from ...inference.models import pull as fetch

    name = name or _configured(context)
    path = fetch(name, url=source)
    if as_json:
        emit({"name": name, "path": str(path)})
    else:
        say(f"{name} is at {path}")


def _configured(context: typer.Context) -> str:
    """The model that the bot's configuration names; without a bot, what a new one's would."""
    from ..bot.configuration import Model, read_configuration
    from ..bot.folder import NoBot

    try:
        return read_configuration(bot_folder(context).configuration).model.name
    except NoBot:
        return Model().name


@app.command(epilog="Example: treasurer model verify qwen2.5-coder-1.5b-q4_k_m")
def verify(name: Name, as_json: AsJson = False) -> None:
    """Hash a model's file again."""
    from ...inference.models import verify as rehash

    path = rehash(name)
    if as_json:
        emit({"name": name, "path": str(path), "verified": True})
    else:
        say(f"{name} has the hash that the catalog names")


@app.command(epilog="Example: treasurer model rm smollm2-135m-q4_1")
def rm(name: Name, as_json: AsJson = False) -> None:
    """Remove a model's file from the cache."""
    from ...inference.models import remove

    freed = remove(name)
    if as_json:
        emit({"name": name, "freed_bytes": freed})
    else:
        say(f"{name}: {freed / 1e9:.2f} GB freed")
