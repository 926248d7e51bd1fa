"""Reasons in words, the same in every answer, screen and log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def reason_line(reason: Mapping[str, Any]) -> str:
    """A Reason's JSON object as one line: its message, after the rule's id where the message does not name it first."""
    rule, message = str(reason["rule"]), str(reason["message"])
    return message if names(message, rule) else f"{rule}: {message}"


def names(line: str, rule: str) -> bool:
    """Whether a line of ``reason_line`` is about this rule: its id comes first, as a word."""
    return re.match(rf"{re.escape(rule)}(?![\w-])", line) is not None
