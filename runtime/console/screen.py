"""Screen: where the chat writes. Nothing that came from outside reaches the terminal with its control characters."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from ..commands.terminal import printable

VERDICTS = {"allow": "green", "escalate": "yellow", "deny": "red"}


class Screen:
    """Lines with a little colour on a terminal, plain text elsewhere."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True)
        self._open = False

    def line(self, text: str, style: str = "") -> None:
        """One line, on a line of its own."""
        self.close()
        self._console.print(Text(printable(text), style=style))

    def lines(self, texts: Iterable[str], style: str = "") -> None:
        """Several lines."""
        for text in texts:
            self.line(text, style)

    def verdict(self, who: str, verdict: str, texts: Iterable[str]) -> None:
        """The guard's word in its colour, and what it says of it."""
        self.line(f"{who}: {verdict}", VERDICTS.get(verdict, ""))
        self.lines((f"  {text}" for text in texts), "dim")

    def piece(self, text: str) -> None:
        """The next piece of an answer that is being written."""
        self._console.print(Text(printable(text)), end="")
        self._open = True

    def ask(self, text: str) -> None:
        """A question; the answer is typed behind it."""
        self.close()
        self._console.print(Text(printable(text), style="bold"), end="")
        self._console.file.flush()

    def close(self) -> None:
        """End an answer's line."""
        if self._open:
            self._open = False
            self._console.print()
