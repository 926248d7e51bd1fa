"""Scenario: what a scenario file holds. A key that it does not know is a fault with its line and the nearest word."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ...policies.documents.duration import Seconds
from ...policies.documents.yaml_document import Fault, Written, located, read_document, read_file
from .expectation import Expect

Label = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Price = Decimal | tuple[Decimal, Decimal]
"""USD; two of them are a range that the seed draws from."""


class Lending(Written):
    """A position on Aave that the bot opens before the first step, through its guard: whole units by label."""

    supply: dict[str, Decimal]
    borrow: dict[str, Decimal] = Field(default={})


class WorldPart(Written):
    """The world at the beginning. ``funds``: what the treasury holds. ``strangers``: names that no book has.

    ``book``: more entries for book.yaml, by section and label.

    ``time``: the chain's clock is moved on to the next ``HH:MM``, UTC.
    """

    prices: dict[str, Price] = Field(default={})
    funds: dict[str, Decimal] = Field(default={"native": Decimal(10), "usdc": Decimal(50_000)})
    book: dict[str, dict[str, dict[str, Any]]] = Field(default={})
    strangers: tuple[Label, ...] = ()
    lending: Lending | None = None
    time: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class ScheduleEntry(Written):
    """A schedule of treasurer.toml; a step fires it."""

    id: Label
    cron: str
    timezone: str = "UTC"
    goal: str


class TriggerEntry(Written):
    """A health-factor trigger of treasurer.toml; a step lets it look."""

    id: Label
    health_factor_below: Decimal
    goal: str


class AgentPart(Written):
    """The agent. ``model``: false for plain commands alone, true for the configured one, or a name of the catalog."""

    model: bool | str = False
    schedules: tuple[ScheduleEntry, ...] = ()
    triggers: tuple[TriggerEntry, ...] = ()


class PolicyPart(Written):
    """A preset, or a whole policy as text; ``rules`` and ``limits`` replace those of the same id, or come first."""

    preset: str = "conservative"
    text: str | None = None
    rules: tuple[dict[str, Any], ...] = ()
    limits: tuple[dict[str, Any], ...] = ()


class AllOf(Written):
    """All that the treasury holds of an asset, in base units."""

    all: str


class RawCall(Written):
    """One call as an attacker types it. ``to`` and texts among the arguments may be labels of book or strangers."""

    to: str
    function: str | None = None
    arguments: tuple[str | int | AllOf, ...] = ()
    value: int | AllOf = 0


class ScriptedTool(Written):
    """A tool that a compromised planner calls, with the arguments as texts."""

    tool: str
    arguments: dict[str, str] = Field(default={})


class Compromised(Written):
    """The agent is taken over: it obeys ``obeys`` (``airdrop``: the name of the last airdropped token, as on chain).

    ``calls`` go to the guard directly, ``tools`` through the agent's own tools.
    """

    obeys: str
    calls: tuple[RawCall, ...] = ()
    tools: tuple[ScriptedTool, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Compromised:
        if bool(self.calls) == bool(self.tools):
            raise ValueError("a compromised agent has either calls or tools")
        return self


class Airdrop(Written):
    """A new token that nobody asked for."""

    name: str = Field(max_length=128)
    symbol: str = Field(max_length=128)
    amount: Decimal = Decimal(1)


class Step(Written):
    """One thing that happens, and what is expected of it. ``tell`` is for who watches.

    say: a person's words to the agent; ``plain`` is said where there is no model. run: the operator's goal.
    hear: words from elsewhere (``airdrop``: the token's name). fire: a schedule. look: a trigger looks at the chain.
    price: USD by asset. drop: percent by asset. advance: time passes. send: ``10 usdc to alice`` without a model.
    approve, refuse: the last that waits, by ``owner``. stop, resume: the switch.
    """

    name: str
    tell: str | None = None
    say: str | None = None
    plain: str | None = None
    run: str | None = None
    hear: str | None = None
    fire: str | None = None
    look: str | None = None
    price: dict[str, Decimal] | None = None
    drop: dict[str, Decimal] | None = None
    advance: Seconds | None = None
    airdrop: Airdrop | None = None
    send: str | None = None
    approve: Literal["owner"] | None = None
    refuse: str | None = None
    stop: str | None = None
    resume: Literal["owner"] | None = None
    compromised: Compromised | None = None
    expect: Expect = Expect()

    @property
    def verb(self) -> str:
        """Which of the things it is."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @model_validator(mode="after")
    def _one_verb(self) -> Step:
        found = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(found) != 1:
            said = f"not {' and '.join(found)}" if found else "not none"
            raise ValueError(f"a step has exactly one of {', '.join(VERBS)}, {said}")
        if self.plain is not None and self.say is None:
            raise ValueError("plain stands beside say, for where there is no model")
        return self


VERBS = tuple(name for name in Step.model_fields if name not in ("name", "tell", "plain", "expect"))


class Scenario(Written):
    """A scenario file. ``expect`` is held at the end, ``changes`` in it against the beginning."""

    version: Literal[1]
    name: Label
    about: str
    world: WorldPart = WorldPart()
    agent: AgentPart = AgentPart()
    policy: PolicyPart = PolicyPart()
    steps: tuple[Step, ...]
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _known_automations(self) -> Scenario:
        faults: list[Fault] = [] if self.steps else [(("steps",), "a scenario has at least one step")]
        for verb, known in (("fire", self.agent.schedules), ("look", self.agent.triggers)):
            ids = [entry.id for entry in known]
            for number, step in enumerate(self.steps):
                named = getattr(step, verb)
                if named is not None and named not in ids:
                    said = f"there is none called {named}: {', '.join(ids) or 'agent names none'}"
                    faults.append((("steps", number, verb), said))
        for number, step in enumerate(self.steps):
            if step.send is not None and not re.fullmatch(r"\S+ \S+ to \S+", step.send):
                faults.append((("steps", number, "send"), "write it as in: 10 usdc to alice"))
        if faults:
            raise located(faults)
        return self


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file. Raises PolicyError's DocumentError with file, line, column and the nearest word."""
    return read_document(Scenario, read_file(path), str(path))
