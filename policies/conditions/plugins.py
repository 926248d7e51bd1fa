"""The condition that asks a plug-in of the policy's own: what its code said of this effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ValidationInfo

from ..facts import PluginAnswer
from ..language.plugins import PLUGIN_NAME
from ..worth import Unknown
from .condition import Condition, Subject, Truth


@dataclass(frozen=True)
class Plugin(Condition):
    """What the plug-in said of this effect. No answer, a failure, or an answer of another length is unknown."""

    name: ClassVar[str] = "plugin"
    how: ClassVar[str] = "quarter-end"
    plugin: str

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """The name of a plug-in under the policy's ``plugins``."""
        if not isinstance(value, str) or not PLUGIN_NAME.fullmatch(value):
            raise ValueError(f"plugin names one of the policy's plugins, not {value!r}")
        return cls(value)

    def judge(self, subject: Subject) -> Truth:
        """Whether it said that it holds."""
        answer = self._answer(subject)
        return answer if isinstance(answer, Unknown) else answer.holds[subject.index]

    def actual(self, subject: Subject) -> str:
        """What it said, with its reason."""
        answer = self._answer(subject)
        if isinstance(answer, Unknown):
            return answer.what
        said = "it holds" if answer.holds[subject.index] else "it does not hold"
        why = answer.why[subject.index] if subject.index < len(answer.why) else ""
        return f"{said}: {why}" if why else said

    def limit(self) -> str:
        """Which plug-in."""
        return f"what {self.plugin} lets through"

    def _answer(self, subject: Subject) -> PluginAnswer | Unknown:
        answer = subject.facts.plugins.get(self.plugin)
        if answer is None or answer.failed:
            because = "" if answer is None else f" ({answer.failed})"
            return Unknown(f"what the plug-in {self.plugin} says{because}")
        if len(answer.holds) != len(subject.effects):
            return Unknown(
                f"what the plug-in {self.plugin} says (it answered {len(answer.holds)} times for "
                f"{len(subject.effects)} effects)"
            )
        return answer
