"""`treasurer demo`: one day of a treasury, played from `day.yaml` by real parts, in about three minutes on a CPU."""

from __future__ import annotations

from typing import Annotated

import typer

from ...runtime.commands.terminal import AsJson, end, note

app = typer.Typer()
DAY = "day"


@app.command(epilog="Example: treasurer demo")
def demo(
    no_model: Annotated[bool, typer.Option("--no-model", help="Plain commands alone; no model is loaded.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the devnet; 0 takes a free one.")] = 0,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="The devnet goes on afterwards; `treasurer devnet down` ends it."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Boot a devnet and the model, run a treasury through a day, attack it, and print the proof."""
    from ...runtime.agent.model import engine_of
    from ...runtime.bot.configuration import Model
    from ..runner import Options, find_scenario
    from .scenario import play_and_tell

    model: str | None = "none" if no_model else None
    if model is None and engine_of(Model()) is None:
        note(f"{Model().name} or llama.cpp is not on this machine: the day is told in plain commands")
        note("next: make setup (or: treasurer model pull)")
        model = "none"
    day = find_scenario(DAY)
    if not keep:
        end(play_and_tell(day, Options(model=model, port=port), as_json=as_json))
    from ..devnet import background

    running = background.start(port, progress=note)
    status = play_and_tell(day, Options(model=model, rpc=running.rpc), as_json=as_json)
    note(f"the devnet goes on at {running.rpc}; end it with: treasurer devnet down --port {running.port}")
    end(status)
