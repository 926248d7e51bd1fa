"""Logs of the long-running processes: text on a terminal, one JSON object a line elsewhere, as [log] says."""

from __future__ import annotations

import logging
from typing import Any, TextIO

import structlog

from ..bot.configuration import Log

PROCESS_LOG = Log(format="json")
"""How a supervised process writes its own file: the supervisor reads it and writes it as treasurer.toml says."""


def logger_to(stream: TextIO, log: Log, **bound: Any) -> Any:
    """A logger that writes to ``stream``; ``bound`` is on each of its lines."""
    as_text = log.format == "text" or (log.format == "auto" and stream.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty()) if as_text else structlog.processors.JSONRenderer()
    )
    level = logging.getLevelNamesMapping()[log.level.upper()]
    return structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        **bound,
    )
