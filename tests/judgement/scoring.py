"""What a reading is worth: correct, rightly asked, over-asked (asked where a reading was wanted), or wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from treasurer.agent.planner import Answer, Ask, Command, Understood
from treasurer.tools import ToolCall

Score = Literal["correct", "rightly asked", "over-asked", "wrong"]
REQUESTS = Path(__file__).with_name("requests.yaml")


def requests(which: str | None = None) -> list[dict[str, Any]]:
    """The requests of one set, or all."""
    rows: list[dict[str, Any]] = YAML(typ="safe").load(REQUESTS.read_text(encoding="utf-8"))
    return [row for row in rows if which is None or row["set"] == which]


def score(expect: Any, understood: Understood) -> Score:
    """How a reading compares with what the row expects; an action that it does not name is wrong."""
    readings = understood.readings
    asked = any(isinstance(reading, Ask) for reading in readings)
    commands = [reading.call for reading in readings if isinstance(reading, Command)]
    if expect in ("ask", "never", "refuse"):
        if commands:
            return "wrong"
        return "rightly asked" if asked else "correct" if expect != "ask" else "wrong"
    if asked:
        return "over-asked"
    if isinstance(expect, dict):
        about = [call.tool for reading in readings if isinstance(reading, Answer) for call in reading.about]
        answered = any(isinstance(reading, Answer) for reading in readings)
        wanted = expect["answer"]
        return "correct" if answered and not commands and (not wanted or set(about) & set(wanted)) else "wrong"
    return "correct" if commands in [_calls(accepted) for accepted in expect] else "wrong"


def path_of(understood: Understood) -> str:
    """Who decided: the model where it had a part in any reading."""
    paths = {reading.path for reading in understood.readings}
    return next(path for path in ("model", "code", "parser") if path in paths)


def _calls(accepted: Any) -> list[ToolCall]:
    rows = accepted if isinstance(accepted, list) else [accepted]
    return [ToolCall(tool=name, arguments=arguments) for row in rows for name, arguments in row.items()]
