"""`treasurer approve`: what waits for people, and their answers, through the guard alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .terminal import AsJson, await_result, bot_folder, emit, emit_rows, end, note, say

if TYPE_CHECKING:
    from ..bot.folder import BotFolder

app = typer.Typer(help="What waits for people's approval, and their answers.", no_args_is_help=True)
WAIT_SECONDS = 180.0

Digest = Annotated[str, typer.Argument(metavar="ID", help="The digest, or its beginning.")]


@app.command(name="list", epilog="Example: treasurer approve list --json")
def list_waiting(context: typer.Context, as_json: AsJson = False) -> None:
    """Proposals that wait: what they would do, who may approve, until when."""
    rows = await_result(_ask(bot_folder(context), "approvals"))["waiting"]
    if as_json:
        emit_rows(rows)
        return
    if not rows:
        say("nothing waits for approval")
    for row in rows:
        _tell(row)


@app.command(epilog="Example: treasurer approve show 0x1f2e --typed-data > approval.json")
def show(
    context: typer.Context,
    digest: Digest,
    typed_data: Annotated[
        bool,
        typer.Option(
            "--typed-data", help="Only the EIP-712 object, for `cast wallet sign --data` and hardware wallets."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """One waiting proposal, by the guard's own rendering of its effects."""
    row = await_result(_ask(bot_folder(context), "approval_show", digest=digest))
    if typed_data:
        emit(row["typed_data"])
    elif as_json:
        emit(row)
    else:
        _tell(row)


@app.command(epilog="Example: treasurer approve yes 0x1f2e --keystore alice.json")
def yes(
    context: typer.Context,
    digest: Digest,
    signature: Annotated[str | None, typer.Option(help="65 bytes over the digest, as a wallet returns them.")] = None,
    keystore: Annotated[Path | None, typer.Option(help="Sign here with this keystore.")] = None,
    password: Annotated[str, typer.Option(help="The keystore's password: env:NAME, file:PATH, or prompt.")] = "prompt",
    as_json: AsJson = False,
) -> None:
    """Approve a proposal with your own signature over its digest; with the last one needed it is carried out."""
    if (signature is None) == (keystore is None):
        raise typer.BadParameter("give either --signature 0x.. or --keystore FILE")
    answer = await_result(_approve(bot_folder(context), digest, signature, keystore, password))
    if as_json:
        emit(answer)
    else:
        outcome = f"state {answer['state']}" if answer["complete"] else "more approvals are needed"
        say(f"approved by {', '.join(answer['approved_by'])}; {outcome}")
        if answer["hash"]:
            say(f"transaction {answer['hash']}")
    if answer["complete"]:
        from .wallet import status_of

        end(status_of(answer))


@app.command(epilog="Example: treasurer approve no 0x1f2e --reason 'not this month'")
def no(
    context: typer.Context,
    digest: Digest,
    person: Annotated[str, typer.Option("--as", help="Who refuses.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "",
    as_json: AsJson = False,
) -> None:
    """Refuse a proposal: it ends, and its budget is free again."""
    answer = await_result(_ask(bot_folder(context), "refuse", digest=digest, person=person, reason=reason))
    if as_json:
        emit(answer)
    else:
        say(f"refused: {answer['why']}")


async def _approve(
    folder: BotFolder, digest: str, signature: str | None, keystore: Path | None, password: str
) -> dict[str, Any]:
    from ..bot.signature import keystore_password, sign_shown
    from ..guard import open_guard

    async with open_guard(folder, signer=True) as guard:
        shown = await guard.ask("approval_show", digest=digest)
        if keystore is not None:
            for line in shown["rendered"]:
                note(line)
            signature = sign_shown(shown["typed_data"], keystore, keystore_password(keystore, password))
        answer = await guard.ask("approve", digest=shown["digest"], signature=signature)
        if answer["complete"]:
            answer = {**answer, **await guard.wait(answer["key"], WAIT_SECONDS)}
    return answer


async def _ask(folder: BotFolder, method: str, **params: Any) -> dict[str, Any]:
    from ..guard import open_guard

    async with open_guard(folder) as guard:
        return await guard.ask(method, **params)


def _tell(row: dict[str, Any]) -> None:
    from ...policies.explain.reasons import reason_line

    say(f"{row['digest']}  until {row['expires_at']}")
    for line in row["rendered"]:
        say(f"  {line}")
    for needed in row["approvals"]:
        approved = ", ".join(row["approved_by"]) or "nobody yet"
        say(f"  needs {needed['quorum']} of {', '.join(needed['of'])}; approved by {approved}")
    for reason in row["reasons"]:
        say(f"  {reason_line(reason)}")
