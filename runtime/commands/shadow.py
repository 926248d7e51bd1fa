"""How the policy that is judged beside the one in force is told."""

from __future__ import annotations

from typing import Any


def shadow_line(told: dict[str, Any]) -> str:
    """One line for a person, of what the guard's ``status`` says under ``shadow``."""
    if told["policy"] is None:
        return f"{told['file']} is not judged: {told['fault'].splitlines()[0]}"
    line = f"{told['policy']} would have answered {told['differs']} of {told['differs'] + told['same']} otherwise"
    return line + (f"; it failed {told['faults']} times: {told['fault']}" if told["faults"] else "")
