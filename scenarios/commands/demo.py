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
    as_json: AsJson = False,
) -> None:
    """Boot a devnet and the model, run a treasury through a day, attack it, and print the proof."""
    from ...runtime.agent.model import engine_of
    from ...runtime.configuration import Model
    from ..runner import Options, find_scenario
    from .scenario import play_and_tell

    model: str | None = "none" if no_model else None
    if model is None and engine_of(Model()) is None:
        note(f"{Model().name} or llama.cpp is not on this machine: the day is told in plain commands")
        note("next: make setup (or: treasurer model pull)")
        model = "none"
    end(play_and_tell(find_scenario(DAY), Options(model=model), as_json=as_json))
