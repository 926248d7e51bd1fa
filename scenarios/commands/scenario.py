"""`treasurer scenario`: list the library, and play a scenario on a devnet with a real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...runtime.commands.terminal import (
    DONE,
    NO,
    AsJson,
    await_result,
    emit,
    emit_rows,
    end,
    say,
)

if TYPE_CHECKING:
    from ..runner import Options, Scenario

RED_TEAM = "attacks"
app = typer.Typer(help="Scripted days of a treasury: list them, play one, hold what came of it.", no_args_is_help=True)


@app.command(name="list", epilog="Example: treasurer scenario list")
def list_library(as_json: AsJson = False) -> None:
    """The scenarios that come with treasurer."""
    from ..runner import list_scenarios

    rows = [{"name": one.name, "about": one.about, "model": bool(one.agent.model)} for one in list_scenarios()]
    rows.append({"name": RED_TEAM, "about": "Every attack of the library and daily work.", "model": False})
    if as_json:
        emit_rows(rows)
        return
    for row in rows:
        say(f"{row['name']:<20}  {row['about']}")


@app.command(name="run", epilog="Example: treasurer scenario run defend --json")
def run(
    scenario: Annotated[str, typer.Argument(metavar="NAME|FILE", help="Of the library, or a file of your own.")],
    model: Annotated[
        str | None, typer.Option(help="A model's name instead of the scenario's, or none: plain commands alone.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the prices that the scenario gives as a range.")] = 0,
    rpc: Annotated[str | None, typer.Option(metavar="URL", help="Join this devnet instead of booting one.")] = None,
    only: Annotated[str | None, typer.Option(metavar="KIND", help="Of attacks: one kind or family.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play a scenario: its steps, verdicts, transactions, balances, the log's head. Exit 1: something did not hold.

    `attacks` plays the attack library and a treasury's daily work against the conservative preset.
    """
    if scenario == RED_TEAM:
        end(_attacks(only, as_json=as_json))
    if only is not None:
        raise typer.BadParameter(f"--only belongs to {RED_TEAM}")
    from ..runner import Options, find_scenario

    end(play_and_tell(find_scenario(scenario), Options(rpc=rpc, model=model, seed=seed), as_json=as_json))


def play_and_tell(scenario: Scenario, options: Options, *, as_json: bool) -> int:
    """Play it before a person's eyes; ``as_json``: the report to standard output, the rest to standard error."""
    from ..runner import play
    from .presenter import Presenter

    presenter = Presenter(scenario, errors=as_json)
    report = await_result(play(scenario, options, presenter))
    presenter.ended(report)
    if as_json:
        emit(report.to_json())
    return DONE if report.ok else NO


def _attacks(only: str | None, *, as_json: bool) -> int:
    from ..redteam.play import play_red_team
    from .siege import Siege

    siege = Siege(errors=as_json)
    report = await_result(play_red_team(siege.told, only=only))
    siege.ended(report)
    if as_json:
        emit(report.to_json())
    return DONE if report.ok else NO
