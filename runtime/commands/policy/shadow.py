"""`treasurer policy shadow`: what the policy that is tried beside the one in force would have answered."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ...bot.folder import BotFolder
from ..shadow import shadow_line
from ..terminal import NOT_READY, AsJson, await_result, bot_folder, emit_rows, note, say


def shadow(
    context: typer.Context,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many, the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the answers in which the shadow policy differs from the one in force."""
    told, rows = await_result(_read(bot_folder(context), limit))
    if told is None:
        note('no shadow policy is tried: write shadow = "policy.next.yaml" under [policy] in treasurer.toml')
        raise typer.Exit(NOT_READY)
    if as_json:
        emit_rows(rows)
        return
    say(shadow_line(told))
    for row in rows:
        say(f"{row['time']}  {row['live']:8} -> {row['decision']:8}  {'; '.join(row['reasons'])}")


async def _read(folder: BotFolder, limit: int) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    from ...guard import open_guard

    async with open_guard(folder) as guard:
        told = (await guard.ask("status"))["shadow"]
        listed = (await guard.ask("audit_log", kind="shadow", limit=10_000))["rows"][-limit:]
        records = [await guard.ask("audit_show", name=row["cid"]) for row in listed]
    return told, [_row(record) for record in records]


def _row(record: dict[str, Any]) -> dict[str, Any]:
    body = record["body"]
    return {
        "cid": record["cid"],
        "time": record["time"],
        "run": record["run"],
        "key": body["key"],
        "live": body["live"],
        "decision": body["verdict"]["decision"],
        "reasons": [reason["message"] for reason in body["verdict"]["reasons"]],
    }
