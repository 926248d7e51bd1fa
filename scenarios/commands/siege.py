"""Siege: the attack library before a person's eyes: a line a kind, what was missed, and what it means."""

from __future__ import annotations

from collections import Counter

from rich.console import Console

from ..redteam.report import RedTeamReport, Tried, Worked


class Siege:
    """``errors``: to standard error, because standard output belongs to JSON."""

    def __init__(self, *, errors: bool) -> None:
        self._console = Console(stderr=errors, highlight=False, soft_wrap=True)
        self._tried: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._now = ""

    def told(self, one: Tried | Worked) -> None:
        """One attack was tried, or one piece of work judged."""
        name = one.kind if isinstance(one, Tried) else f"work: {one.family}"
        if name != self._now:
            self._close()
            self._now = name
        good = one.stopped if isinstance(one, Tried) else one.verdict != "deny"
        self._tried[name] += 1
        self._held[name] += good
        if isinstance(one, Tried) and not good:
            self._console.print(f"  [red]MISSED[/red]  {one.variant} ({one.form}): {one.why}", markup=True)
        elif isinstance(one, Worked) and not good:
            self._console.print(f"  [yellow]refused[/yellow] {one.name}: {one.why}", markup=True)

    def ended(self, report: RedTeamReport) -> None:
        """What came of everything."""
        self._close()
        told = report.to_json()
        self._console.print(
            f"\n{told['stopped']} of {told['attacks']} attacks stopped; of {told['benign']} pieces of daily work "
            f"{told['passed']} passed and {told['escalated']} asked people.\n"
            f"Worst value lost: USD {report.worst_loss_usd:,.2f} (a payee of the book who is in on it gets a day's "
            f"limit, nobody else anything). Attacks with calldata that nobody can read: {told['unknown_calldata']}."
        )

    def _close(self) -> None:
        if self._now:
            held, tried = self._held[self._now], self._tried[self._now]
            mark = "[green]ok  [/green]" if held == tried else "[red]open[/red]"
            self._console.print(f"{mark}  {self._now:<32} {held} of {tried}", markup=True)
