"""The parameters of each request that the agent process answers: typed, bounded, unknown keys refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ...wallets.errors import InvalidValue

MAX_WORDS = 4000
"""Characters of what a person says at once: the guard keeps no more."""
RunId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,128}$")]


class Request(BaseModel):
    """The base of all parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Request):
    """A request without parameters."""


class Turn(Request):
    """An earlier turn of a chat."""

    text: str = Field(max_length=4000)
    outcome: str = Field(max_length=4000)


class StartRequest(Request):
    """``run_start``: a person's words; the same id is the same Run. ``confirm``: ask before anything is submitted."""

    run: RunId
    goal: str = Field(min_length=1, max_length=MAX_WORDS)
    asked_by: str = Field(default="", max_length=64)
    trigger: str = Field(default="command", max_length=64)
    confirm: bool = False
    turns: tuple[Turn, ...] = Field(default=(), max_length=4)


class EventsRequest(Request):
    """``run_events``: those after the first ``since``, as soon as there are any, at the latest after ``seconds``."""

    run: RunId
    since: int = Field(default=0, ge=0)
    seconds: float = Field(default=0, ge=0, le=600)


class ConfirmRequest(Request):
    """``confirm``: the answer to a ``Proposed`` event that asks."""

    run: RunId
    key: str = Field(max_length=128)
    yes: bool


class RunRequest(Request):
    """``cancel``."""

    run: RunId


class CountRequest(Request):
    """``runs``: the newest ones."""

    count: int = Field(default=20, ge=1, le=1000)


def check_words(words: str) -> None:
    """Raises InvalidValue where no process would take a person's words: before anything is registered for them."""
    if len(words) > MAX_WORDS:
        raise InvalidValue(f"a request has at most {MAX_WORDS} characters, this one has {len(words)}: say it in fewer")
    try:
        words.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue("the request holds bytes that are no UTF-8 text: type it again") from error
