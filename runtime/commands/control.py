"""`treasurer status`, `stop`, `resume`, `go-live` and `doctor`: how the bot stands, and the switches that people
hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...wallets.errors import TreasurerError
from .shadow import shadow_line
from .terminal import DONE, NOT_READY, AsJson, await_result, bot_folder, emit, emit_rows, end, note, say

if TYPE_CHECKING:
    from ..bot.folder import BotFolder

app = typer.Typer()

Keystore = Annotated[Path | None, typer.Option(help="Sign here with an owner's keystore.")]
Signature = Annotated[str | None, typer.Option(help="An owner's signature, as a wallet returns it.")]
Password = Annotated[str, typer.Option(help="The keystore's password: env:NAME, file:PATH, or prompt.")]
TypedDataOnly = Annotated[bool, typer.Option("--typed-data", help="Print the EIP-712 object that an owner signs.")]


@app.command(epilog="Example: treasurer --bot acme status --json")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Mode, wallet, policy, what waits and what is in flight, and the head of the log."""
    answer = await_result(_ask(bot_folder(context), "status", signer=True))
    if as_json:
        emit(answer)
        return
    stopped = "  STOPPED" if answer["stopped"] else ""
    say(f"{answer['name']}  {answer['mode']}{stopped}  chain {answer['chain_id']} at block {answer['block']}")
    say(f"wallet    {answer['account']}")
    say(f"policy    {answer['policy']} ({answer['policy_cid']})")
    if answer["shadow"] is not None:
        say(f"shadow    {shadow_line(answer['shadow'])}")
    say(f"waiting   {answer['waiting']} for people, {answer['in_flight']} in flight")
    for intent in answer["stuck"]:
        say(f"stuck     {intent['intent']} is {intent['state']} for {intent['seconds']:.0f} s: {intent['hash'] or '-'}")
    say(f"log       {answer['log']['size']} records, head {answer['log']['head']}")
    if "error" in answer["signer"]:
        say(f"signer    {answer['signer']['error']}")


@app.command(epilog="Example: treasurer stop --reason 'the price feed looks wrong'")
def stop(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "",
    by: Annotated[str, typer.Option("--as", help="Who stops it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Stop everything but cancelling, revoking, repaying and withdrawing to the wallet itself."""
    answer = await_result(_stop(bot_folder(context), by, reason))
    if as_json:
        emit(answer)
    else:
        say("stopped: nothing goes out until an owner resumes it with `treasurer resume`")


@app.command(epilog="Example: treasurer resume --keystore owner/owner.json")
def resume(
    context: typer.Context,
    signature: Signature = None,
    keystore: Keystore = None,
    password: Password = "prompt",
    typed_data: TypedDataOnly = False,
    as_json: AsJson = False,
) -> None:
    """Lift a stop; an owner signs it."""
    folder = bot_folder(context)
    order = await_result(_ask(folder, "resume_order"))
    if typed_data:
        emit(order["typed_data"])
        return
    if not order["stopped"]:
        note("the bot is not stopped")
        if as_json:
            emit({"stopped": False})
        return
    signed = owner_signature(order["typed_data"], signature, keystore, password)
    answer = await_result(_ask(folder, "resume", signature=signed))
    if as_json:
        emit(answer)
    else:
        say(f"resumed by {answer['by']}")


@app.command(name="go-live", epilog="Example: treasurer go-live --keystore owner.json")
def go_live(
    context: typer.Context,
    signature: Signature = None,
    keystore: Keystore = None,
    password: Password = "prompt",
    typed_data: TypedDataOnly = False,
    as_json: AsJson = False,
) -> None:
    """Let the bot sign: an owner signs chain, account, policy and the wallet's greatest value."""
    from ..bot.live import go_live_order, take_live

    folder = bot_folder(context)
    order = go_live_order(folder)
    if typed_data:
        emit(order.to_typed_data())
        return
    problems = await_result(_problems(folder))
    if problems:
        for problem in problems:
            note(problem)
        note("next: treasurer doctor")
        end(NOT_READY)
    take_live(folder, order, owner_signature(order.to_typed_data(), signature, keystore, password))
    row = {
        "mode": "live",
        "chain_id": order.chain_id,
        "policy_cid": order.policy_cid,
        "max_value_usd": order.max_value_usd,
    }
    if as_json:
        emit(row)
    else:
        say(f"live on chain {order.chain_id}, while the wallet is worth at most {order.max_value_usd} USD")


@app.command(epilog="Example: treasurer --bot acme doctor")
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check everything that the bot needs; one line a check, with the command that mends it."""
    from ..bot.doctor import examine

    checks = await_result(examine(bot_folder(context)))
    if as_json:
        emit_rows([check.to_json() for check in checks])
    else:
        for check in checks:
            say(check.line())
    end(NOT_READY if any(check.level == "fail" for check in checks) else DONE)


async def _stop(folder: BotFolder, by: str, reason: str) -> dict[str, Any]:
    """Through the guard; where none runs and none can be started, by the file that the next one finds."""
    try:
        return await _ask(folder, "stop", by=by[:64], reason=reason[:500])
    except TreasurerError as error:
        folder.stop_file.write_text((reason or "no reason given") + "\n")
        note(f"the guard does not answer ({error}): it will start stopped")
        return {"stopped": True, "record": None}


async def _problems(folder: BotFolder) -> list[str]:
    from ..bot.live import obstacles

    return await obstacles(folder)


def owner_signature(typed_data: dict[str, Any], signature: str | None, keystore: Path | None, password: str) -> str:
    """The signature that was given, or one made here with a keystore over the hash of the typed data."""
    from ..bot.signature import keystore_password, sign_shown

    if (signature is None) == (keystore is None):
        raise typer.BadParameter("give either --signature 0x.. or --keystore FILE (--typed-data prints what to sign)")
    if signature is not None:
        return signature
    assert keystore is not None
    return sign_shown(typed_data, keystore, keystore_password(keystore, password))


async def _ask(folder: BotFolder, method: str, *, signer: bool = False, **params: Any) -> dict[str, Any]:
    from ..guard import open_guard

    async with open_guard(folder, signer=signer) as guard:
        return await guard.ask(method, **params)
