"""`treasurer audit`: read the log, hand it to a stranger, and be that stranger."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .terminal import AsJson, await_result, bot_folder, emit, emit_rows, end, say

if TYPE_CHECKING:
    from ..bot.folder import BotFolder

app = typer.Typer(help="Read the log of every decision, export it, verify one.", no_args_is_help=True)
PAGE = 1000
"""Rows that the guard is asked for at once."""


@app.command(epilog="Example: treasurer audit log --kind judged --json")
def log(
    context: typer.Context,
    since: Annotated[int, typer.Option(min=0, help="Begin with this record's number.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many records; all when left out.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only records of this kind, as in judged or included.")] = None,
    run: Annotated[str | None, typer.Option(help="Only records of this Run.")] = None,
    as_json: AsJson = False,
) -> None:
    """The records, oldest first: number, time, kind, Run and CID."""
    if kind is not None:
        _require_kind(kind)
    rows = await_result(_rows(bot_folder(context), since, limit, kind, run))
    if as_json:
        emit_rows(rows)
        return
    if not rows:
        say("no record fits")
    for row in rows:
        say(f"{row['seq']:>6}  {row['time'][:19]}  {row['kind']:<20}  {row['run'][:18]:<18}  {row['cid']}")


def _require_kind(kind: str) -> None:
    from ...wallets.errors import InvalidValue
    from ..audit.records import BODIES

    if kind not in BODIES:
        raise InvalidValue(f"no record is of the kind {kind}; there are: {', '.join(sorted(BODIES))}")


async def _rows(
    folder: BotFolder, since: int, limit: int | None, kind: str | None, run: str | None
) -> list[dict[str, Any]]:
    from ..guard import open_guard

    rows: list[dict[str, Any]] = []
    async with open_guard(folder) as guard:
        while limit is None or len(rows) < limit:
            wanted = PAGE if limit is None else min(PAGE, limit - len(rows))
            page = (await guard.ask("audit_log", since=since, limit=wanted, kind=kind, run=run))["rows"]
            rows += page
            if len(page) < wanted:
                break
            since = page[-1]["seq"] + 1
    return rows


@app.command(epilog="Example: treasurer audit show 12")
def show(
    context: typer.Context,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="A record's number or CID.")],
    as_json: AsJson = False,
) -> None:
    """One whole record: who said what, on which facts, with which verdict."""
    name: str | int = int(record) if record.isdecimal() and len(record) < 16 else record
    answer = await_result(_ask(bot_folder(context), "audit_show", name=name))
    if as_json:
        emit(answer)
        return
    import json

    say(f"record {answer['seq']}  {answer['kind']} ({answer['origin']})  {answer['time']}  run {answer['run']}")
    say(answer["cid"])
    say(json.dumps(answer["body"], indent=2, ensure_ascii=False))


@app.command(epilog="Example: treasurer audit export out.car")
def export(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE.car", help="Where to write the log as CAR v1.")],
    as_json: AsJson = False,
) -> None:
    """Sign the head and write the whole log, with policy and book, into one file for whoever wants to verify it."""
    answer = await_result(_export(bot_folder(context), path))
    if as_json:
        emit(answer)
        return
    say(f"{answer['records']} records, {answer['bytes']} bytes: {answer['path']}")
    say(f"head {answer['head']}")
    say(f"next: treasurer audit verify {shlex.quote(str(path))} --rpc URL")


async def _export(folder: BotFolder, path: Path) -> dict[str, Any]:
    from ..guard import open_guard
    from ..guard.exports import export_to

    async with open_guard(folder) as guard:
        return await export_to(guard, folder, path)


async def _ask(folder: BotFolder, method: str, **params: Any) -> dict[str, Any]:
    from ..guard import open_guard

    async with open_guard(folder) as guard:
        return await guard.ask(method, **params)


@app.command(epilog="Example: treasurer audit verify out.car --rpc http://127.0.0.1:8545")
def verify(
    source: Annotated[Path, typer.Argument(metavar="FILE.car", help="An export of a log; no bot is needed.")],
    rpc: Annotated[str | None, typer.Option("--rpc", metavar="URL", help="Also hold it against the chain.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a log that somebody exported; trusts nothing of the operator. Exit 1: something is refuted."""
    from ..audit.verify import verify as check

    report = check(source, rpc)
    if as_json:
        emit(report.to_json())
    else:
        for finding in report.claims:
            say(f"{finding.result:<12}  {finding.claim:<24}  {finding.why}")
        say(
            f"{report.count('verified')} verified, {report.count('refuted')} refuted,"
            f" {report.count('unverifiable')} unverifiable"
        )
    end(report.exit_status)
