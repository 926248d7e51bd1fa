"""Events: what a Run tells whoever watches it. Text is bounded; what a person should trust is what the guard says
itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str


class TextDelta(_Event):
    """The next piece of an answer, in whole characters."""

    kind: Literal["text"] = "text"
    text: str


class Proposed(_Event):
    """A tool built a Proposal; nothing was submitted yet. ``confirm``: somebody must say yes first."""

    kind: Literal["proposed"] = "proposed"
    step: int
    call: str
    purpose: str
    key: str
    verdict: str
    rendered: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    confirm: bool = False


class Judged(_Event):
    """The guard's verdict on the submitted Proposal, with the effects that it found itself."""

    kind: Literal["judged"] = "judged"
    step: int
    key: str
    digest: str
    verdict: str
    reasons: tuple[str, ...] = ()
    rendered: tuple[str, ...] = ()


class Waiting(_Event):
    """People must approve the digest."""

    kind: Literal["waiting"] = "waiting"
    step: int
    key: str
    digest: str


class Included(_Event):
    """The step's transactions are on the chain and succeeded."""

    kind: Literal["included"] = "included"
    step: int
    key: str
    hashes: tuple[str, ...]
    state: str


class Ended(_Event):
    """The Run is over: ``outcome`` is one of agent.state.Outcome, ``message`` a sentence for people."""

    kind: Literal["ended"] = "ended"
    outcome: str
    message: str


Event = Annotated[TextDelta | Proposed | Judged | Waiting | Included | Ended, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[Any] = TypeAdapter(Event)


def read_event(plain: dict[str, Any]) -> TextDelta | Proposed | Judged | Waiting | Included | Ended:
    """An event from its JSON object."""
    event: TextDelta | Proposed | Judged | Waiting | Included | Ended = _ADAPTER.validate_python(plain)
    return event
