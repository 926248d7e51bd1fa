"""What the planner makes of a request: a Command, an Answer to find, a question back (Ask), or a refusal.

Values are JSON primitives throughout, so that a checkpoint holds them. A request may come from a person (`user`), from
the operator's configuration (`operator`), or from somewhere else (`untrusted`: read, never acted upon).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...inference import Sample
from ...policies.proposal import Provenance
from ...tools import ToolCall

Path = Literal["parser", "model", "code", "script"]
"""Who decided: the whole-sentence parser, the model's choices, a rule in code (which only ever asks or refuses), or a
script that stands in for the planner in a test or a scenario."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(_Value):
    """One request in plain language, and who said it."""

    text: str
    origin: Provenance = Provenance.USER


class ContextTurn(_Value):
    """An earlier turn of the chat: what the person said and, in one sentence of code's, what came of it."""

    text: str
    outcome: str
    provenance: Provenance = Provenance.USER


class Grounding(_Value):
    """Where one argument of a call comes from: spans of the request (start, end), and its value's provenance."""

    argument: str
    value: str
    spans: tuple[tuple[int, int], ...]
    provenance: Provenance


class Command(_Value):
    """A call that the request asks for, every part of it traced to the request. ``margin``: of the closest choice."""

    kind: Literal["command"] = "command"
    call: ToolCall
    grounds: tuple[Grounding, ...] = ()
    margin: float | None = None
    path: Path


class Answer(_Value):
    """A question to be answered from these reads; none of them where it is about the bot itself."""

    kind: Literal["answer"] = "answer"
    about: tuple[ToolCall, ...] = ()
    margin: float | None = None
    path: Path


class Ask(_Value):
    """The request leaves something open: a question back, with at most the two likeliest readings to choose from."""

    kind: Literal["ask"] = "ask"
    question: str
    readings: tuple[ToolCall, ...] = ()
    margin: float | None = None
    path: Path


class Refuse(_Value):
    """Nothing that this bot does for anybody."""

    kind: Literal["refuse"] = "refuse"
    reason: str
    margin: float | None = None
    path: Path


Reading = Annotated[Command | Answer | Ask | Refuse, Field(discriminator="kind")]


class Understood(_Value):
    """The whole request read: its readings in the order to do them, or one Ask or Refuse."""

    readings: tuple[Reading, ...]
    model_calls: int = 0
    samples: tuple[Sample, ...] = ()
