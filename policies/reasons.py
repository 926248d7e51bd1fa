"""Reasons in words, the same in every answer, screen and log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def reason_line(reason: Mapping[str, Any]) -> str:
    """A Reason's JSON object as one line: its message, after the rule's id where the message does not name it first."""
    rule, message = str(reason["rule"]), str(reason["message"])
    if re.match(rf"{re.escape(rule)}(?![\w-])", message):
        return message
    return f"{rule}: {message}"
