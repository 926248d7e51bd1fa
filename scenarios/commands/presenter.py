"""Presenter: a scenario as a person sees it being played: steps, effects, verdicts with reasons, and the proof."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...runtime.agent.agent import AnyEvent
from ...runtime.commands.terminal import printable
from ...wallets.values import checksum
from ..runner.document import Scenario, Step
from ..runner.report import TREASURY, ScenarioReport, State, StepReport
from ..runner.stage import Stage

STYLES = {"allow": "bold green", "escalate": "bold yellow", "deny": "bold red"}
MOST_REASONS = 2
PLAIN_WIDTH = 110
"""Columns where there is no terminal to ask."""


class Presenter:
    """Implements runner.Watcher. ``errors``: speak on standard error, since standard output is a program's."""

    def __init__(self, scenario: Scenario, *, errors: bool) -> None:
        self._scenario = scenario
        self._console = Console(stderr=errors, highlight=False)
        if not self._console.is_terminal:
            self._console = Console(stderr=errors, highlight=False, width=PLAIN_WIDTH)
        self._stage: Stage | None = None
        self._number = 0
        self._line(Text(scenario.name, style="bold"), Text(f"  {scenario.about}"))
        self._line(Text("booting the devnet and the bot: guard, signer, agent ..", style="dim"))

    def opened(self, stage: Stage, before: State) -> None:
        """The stage stands."""
        self._stage = stage
        worth = sum((before.worth(TREASURY, asset) for asset in before.balances[TREASURY]), Decimal(0))
        model = stage.configuration.model.name if stage.models else "none: plain commands alone"
        facts = {
            "chain": f"{stage.configuration.chain.id} at {stage.rpc}: a real EVM node with Uniswap v3 and Aave v3",
            "wallet": f"{checksum(stage.account)}, worth {worth:,.2f} USD",
            "model": model,
            "bot": str(stage.bot.root),
        }
        for name, fact in facts.items():
            self._line(Text(f"  {name:<8}", style="dim"), Text(fact))

    def begins(self, step: Step) -> None:
        """A step begins."""
        assert self._stage is not None
        self._number += 1
        now = datetime.fromtimestamp(self._stage.world.rpc.time_seconds(), UTC)
        self._line()
        count = f"{self._number}/{len(self._scenario.steps)}"
        self._line(
            Text(f"{count:<6}", style="dim"),
            Text(printable(step.name), style="bold"),
            Text(f"  {now:%a %H:%M}", style="dim"),
        )
        if step.tell:
            self._body(step.tell, style="italic", hang=0)

    def event(self, event: AnyEvent) -> None:
        """Steps are short: what a Run tells is shown when it has ended."""

    def did(self, step: Step, report: StepReport) -> None:
        """A step is over."""
        self._body(report.did, hang=0)
        if report.read_by in ("parser", "model"):
            self._body(f"{report.read_by:<8}  {'; '.join(report.understood) or report.outcome or ''}", style="dim")
        for effect in report.rendered:
            self._body(f"effect    {effect}", style="cyan")
        for verdict in report.verdicts:
            self._body(f"guard     {verdict}", style=STYLES[verdict])
        if set(report.verdicts) - {"allow"}:
            for reason in report.reasons[:MOST_REASONS]:
                self._body(f"          {reason}")
            if len(report.reasons) > MOST_REASONS:
                self._body(f"          and {len(report.reasons) - MOST_REASONS} more reasons, all of them in the log")
        if report.outcome is not None and report.outcome not in ("quiet",) and not report.rendered:
            said = f": {report.message}" if report.message and not report.reasons else ""
            self._body(f"outcome   {report.outcome}{said}".replace("\n", "; "))
        for hashed in report.hashes:
            self._body(f"tx {hashed}", style="green")
        for difference in report.differences:
            self._body(f"NOT AS EXPECTED: {difference}", style="bold red")

    def ended(self, report: ScenarioReport) -> None:
        """The end: balances, budget, the log and what a stranger finds in it."""
        self._line()
        self._balances(report.before, report.after)
        self._budget(report.after)
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in report.verdicts().items())
        audit = report.audit
        self._line(Text("verdicts  ", style="dim"), Text(f"{verdicts}; {len(report.transactions())} transactions"))
        self._line(Text("log       ", style="dim"), Text(f"{audit.records} records, head {audit.head}"))
        proof = f"{audit.verified} claims verified, {audit.refuted} refuted, {audit.unverifiable} unverifiable"
        self._line(
            Text("verify    ", style="dim"), Text(proof, style="bold green" if not audit.refuted else "bold red")
        )
        for refutation in audit.refutations:
            self._body(refutation, style="red")
        for difference in report.differences:
            self._line(Text(f"NOT AS EXPECTED: {printable(difference)}", style="bold red"))
        self._line(Text("kept      ", style="dim"), Text(f"{report.folder}  and the log's export {report.car}"))
        word = (
            Text("every expectation held", style="bold green")
            if report.ok
            else Text("not as expected", style="bold red")
        )
        self._line(word, Text(f"  in {report.seconds:.0f} s", style="dim"))

    def _balances(self, before: State, after: State) -> None:
        table = Table("who", "asset", box=None, padding=(0, 2, 0, 0))
        for name in ("before", "after", "change"):
            table.add_column(name, justify="right")
        for who, held in after.balances.items():
            for asset, amount in held.items():
                was = before.balances[who][asset]
                if was != amount or (who == TREASURY and amount):
                    table.add_row(who, asset, f"{was:,.4f}", f"{amount:,.4f}", f"{amount - was:+,.4f}")
        for name, was, amount in (
            ("on Aave, USD", before.lent_usd, after.lent_usd),
            ("owed there, USD", before.owed_usd, after.owed_usd),
        ):
            if was or amount:
                table.add_row(TREASURY, name, f"{was:,.4f}", f"{amount:,.4f}", f"{amount - was:+,.4f}")
        if before.owed_usd or after.owed_usd:
            table.add_row(TREASURY, "health factor", _factor(before), _factor(after), "")
        self._console.print(table)

    def _budget(self, state: State) -> None:
        table = Table("budget", "counts", box=None, padding=(0, 2, 0, 0))
        for name in ("used", "of"):
            table.add_column(name, justify="right")
        for name, used in state.budget.items():
            if used.used:
                unit = {"usd": " USD", "proposals": ""}.get(used.unit, f" {used.unit}")
                shown = f"{used.used:,.2f}" if unit else f"{used.used:,.0f}"
                table.add_row(name, used.counts, f"{shown}{unit}", f"{used.max:,.0f}{unit}")
        if table.row_count:
            self._line()
            self._console.print(table)
            self._line()

    def _line(self, *parts: Text) -> None:
        self._console.print(Text.assemble(*parts), soft_wrap=True)

    def _body(self, text: str, style: str = "", hang: int = 10) -> None:
        """Indented, wrapped at words, the next lines by ``hang`` more; a token's name cannot steer the terminal."""
        indent = " " * 6
        wrapped = textwrap.wrap(
            printable(text), self._console.width, initial_indent=indent, subsequent_indent=indent + " " * hang,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        for line in wrapped:
            self._console.print(Text(line, style=style), soft_wrap=True)


def _factor(state: State) -> str:
    return "no debt" if state.health_factor is None else f"{state.health_factor:.3f}"
