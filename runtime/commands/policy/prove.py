"""`treasurer policy prove`: can this policy ever let something through?"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..terminal import AsJson, emit, say

if TYPE_CHECKING:
    from ....policies.analysis.prove.answers import Answer
    from ....policies.analysis.prove.queries import Query
    from ....policies.analysis.worlds import World
    from ....policies.effect import Kind

EXIT = {"never": 0, "possible": 1, "unknown": 3}
"""The answer as an exit status: what was asked can never pass, can, or could not be told."""


def prove(  # noqa: PLR0917 - typer passes options by name
    policy: Annotated[Path, typer.Option(metavar="FILE", help="The policy.yaml to ask.")],
    book: Annotated[Path | None, typer.Option(metavar="FILE", help="Its book.yaml.")] = None,
    transfer_to: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Value, or the right to take it, to `stranger` or a label.")
    ] = None,
    above: Annotated[str | None, typer.Option(metavar="USD", help="With --transfer-to: worth more than this.")] = None,
    outflow_over: Annotated[str | None, typer.Option(metavar="USD", help="More than this out within --window.")] = None,
    window: Annotated[str, typer.Option(metavar="TIME", help="The window of --outflow-over.")] = "24h",
    unlimited_approval: Annotated[bool, typer.Option("--unlimited-approval", help="An unlimited approval.")] = False,
    delegatecall: Annotated[bool, typer.Option("--delegatecall", help="A delegatecall.")] = False,
    kind: Annotated[list[str] | None, typer.Option(metavar="KIND", help="An effect of this kind.")] = None,
    slippage_over: Annotated[
        str | None, typer.Option(metavar="BPS", help="A swap that may lose more than this against the oracle.")
    ] = None,
    without_people: Annotated[
        bool, typer.Option("--without-people", help="Only what passes without an approval counts.")
    ] = False,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help='USD for one unit (else 1, and the coin 2,500): {"usdc": "1"}.')
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask whether a policy can ever let something through: never, or an example that the engine confirms.

    Exit status: 0 never, 1 possible, 3 where it could not be told. Of several questions the worst.
    """
    from ....policies.analysis.prove.proof import prove as answer_of
    from ....policies.analysis.prove.queries import GivesTo, HasKind, OutflowOver, SlippageOver, known_label
    from ....policies.analysis.worlds import World
    from ....policies.check.check import read_numbers
    from ....policies.documents.yaml_document import read_file
    from ....policies.language.bundle import PolicyBundle

    alone = without_people
    bundle = PolicyBundle.read(policy, book)
    kinds = [*(kind or ()), *(["unlimited_approval"] * unlimited_approval), *(["delegatecall"] * delegatecall)]
    queries: list[Query] = [HasKind(alone, _kind(word)) for word in kinds]
    if transfer_to is not None:
        usd = None if above is None else _number(above, "--above")
        queries.append(GivesTo(alone, known_label(bundle.book, transfer_to), usd))
    elif above is not None:
        raise typer.BadParameter("--above goes with --transfer-to LABEL")
    if outflow_over is not None:
        queries.append(OutflowOver(alone, _number(outflow_over, "--outflow-over"), _seconds(window)))
    if slippage_over is not None:
        queries.append(SlippageOver(alone, _number(slippage_over, "--slippage-over")))
    if not queries:
        raise typer.BadParameter("ask something: --transfer-to stranger, --outflow-over 25000, --kind delegatecall ..")
    world = World(bundle, {} if prices is None else read_numbers(read_file(prices), str(prices)))
    worst = 0
    for query in queries:
        answer = answer_of(query, world)
        worst = max(worst, EXIT[answer.answer])
        if as_json:
            emit(answer.to_json(world))
        else:
            _show(answer, world)
    if worst:
        raise typer.Exit(worst)


def _show(answer: Answer, world: World) -> None:
    people = " (when people approve)" if answer.decision == "escalate" else ""
    say(f"{answer.answer}: {answer.asked}{people}{f': {answer.why}' if answer.why else ''}")
    if answer.forbidden_by:
        say(f"  forbidden by {', '.join(answer.forbidden_by)}")
    for example in answer.examples[:3]:
        say(f"  at {example.at:%Y-%m-%d %H:%M} the engine says {example.verdict.decision}: {example.words(world)}")
    if len(answer.examples) > 3:
        say(f"  .. {len(answer.examples)} proposals in all; --json prints each as a line of `policy check`")


def _seconds(text: str) -> int:
    from ....policies.documents.duration import parse_seconds

    try:
        return parse_seconds(text)
    except ValueError as error:
        raise typer.BadParameter(f"--window: {error}") from error


def _number(text: str, option: str) -> Decimal:
    try:
        number = Decimal(text.replace("_", "").replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise typer.BadParameter(f"{option} is a number, as in 25000, not {text!r}")
    return number


def _kind(word: str) -> Kind:
    from ....policies.effect import Kind
    from ....wallets.hints import nearest

    known = [item.value for item in Kind]
    if word not in known:
        raise typer.BadParameter(f'"{word}" is no kind of effect{nearest(word, known)}')
    return Kind(word)
