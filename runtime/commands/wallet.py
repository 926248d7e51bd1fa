"""`treasurer wallet`: pay without a model, and see keys and the journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .terminal import DONE, NO, NOT_READY, AsJson, await_result, bot_folder, emit, emit_rows, end, note, say

if TYPE_CHECKING:
    from ..bot.folder import BotFolder

app = typer.Typer(help="Pay, and see keys and the journal.", no_args_is_help=True)
WAIT_SECONDS = 180.0
"""A payment on a public chain is included within a few blocks; longer, and the journal tells."""


@app.command(  # an amount below zero is told to be one, not taken for an option
    epilog="Example: treasurer wallet send 10 usdc to alice", context_settings={"ignore_unknown_options": True}
)
def send(  # noqa: PLR0917 - the words of the sentence, in their order
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="In whole units of the token, as in 10 or 0.5.")],
    token: Annotated[str, typer.Argument(help="A token's label in the book, or native.")],
    to: Annotated[str, typer.Argument(metavar="to", help="The word 'to'.")],
    label: Annotated[str, typer.Argument(help="A payee's label in the book.")],
    key: Annotated[
        str | None, typer.Option("--key", help="Idempotency key: the same key pays once, however often it is sent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Pay a payee of the book: judged, simulated, cleared, signed, recorded, without a model."""
    if to != "to":
        raise typer.BadParameter(f"expected: treasurer wallet send {amount} {token} to LABEL, not {to!r}")
    answer = await_result(_send(bot_folder(context), amount, token, label, key))
    if as_json:
        emit(answer)
    else:
        _tell(answer)
    end(status_of(answer))


async def _send(folder: BotFolder, amount: str, token: str, label: str, key: str | None) -> dict[str, Any]:
    from ...policies.proposal import Proposal
    from ..guard import open_guard
    from .payment import payment

    async with open_guard(folder, signer=True) as guard:
        status = await guard.ask("status")
        _require_same_chain(folder, status["chain_id"])
        fee = int(status["max_fee_per_gas"])
        proposal = payment(folder, amount, token, label, key=key, at=status["time"], max_fee_per_gas=fee)
        known = (await guard.ask("proposal", key=proposal.intent_key))["proposal"] if key else None
        if known is not None:  # asked again: the same words are the same proposal, and other words are a conflict
            first = Proposal.model_validate(known)
            proposal = proposal.model_copy(update={"expires_at": first.expires_at, "fee_ceiling": first.fee_ceiling})
        await guard.ask("open_run", run=proposal.run, trigger="command", asked_by="wallet send")
        answer = await guard.submit(proposal)
        if answer["verdict"] == "allow":
            answer = await guard.wait(answer["key"], WAIT_SECONDS)
    if answer["verdict"] == "escalate":
        answer["approve"] = f"treasurer approve yes {answer['digest'][:10]} --keystore FILE"
    return answer


def _require_same_chain(folder: BotFolder, running: int) -> None:
    """A guard that was started before treasurer.toml changed drives another chain. Raises WrongChain."""
    from ...wallets.errors import WrongChain
    from ..bot.configuration import read_configuration

    written = read_configuration(folder.configuration).chain.id
    if written != running:
        raise WrongChain(
            f"treasurer.toml says chain {written}, and the guard that runs is on chain {running}: correct [chain] id,"
            " or end `treasurer up` and start it again",
            next_command=f"edit {folder.configuration}",
        )


def status_of(answer: dict[str, Any]) -> int:
    """The exit status of a submitted proposal: done only when it is on the chain and succeeded."""
    if answer["verdict"] == "deny" or answer["state"] in ("failed", "refused", "dropped", "replaced"):
        return NO
    return DONE if answer["state"] == "confirmed" else NOT_READY


def _tell(answer: dict[str, Any]) -> None:
    from ...policies.explain.reasons import reason_line

    for line in answer["rendered"]:
        say(line)
    say(f"{answer['verdict']}: {answer['state']}" + (f" ({answer['why']})" if answer["why"] else ""))
    for reason in answer["reasons"]:
        say(f"  {reason_line(reason)}")
    if answer["hash"]:
        say(f"transaction {answer['hash']}")
    if answer["state"] == "reserved":
        note(f"next: {answer['approve']}")
    elif status_of(answer) == NOT_READY:
        note("next: treasurer status")


@app.command(epilog="Example: treasurer wallet journal --json")
def journal(context: typer.Context, as_json: AsJson = False) -> None:
    """Every intent from proposal to finality, with its nonce, its transaction and its record."""
    rows = await_result(_journal(bot_folder(context)))
    if as_json:
        emit_rows(rows)
        return
    if not rows:
        say("nothing was proposed yet")
    for row in rows:
        nonce = "-" if row["nonce"] is None else row["nonce"]
        say(f"{row['intent']}  nonce {nonce}  {row['state']}  {row['hash'] or row['why'] or '-'}")


async def _journal(folder: BotFolder) -> list[dict[str, Any]]:
    from ..guard import open_guard

    async with open_guard(folder) as guard:
        rows: list[dict[str, Any]] = []
        while page := (await guard.ask("journal", since=len(rows)))["rows"]:
            rows += page
        return rows


@app.command(name="list", epilog="Example: treasurer wallet list --json")
def list_wallets(context: typer.Context, as_json: AsJson = False) -> None:
    """The bot's wallet: its address, chain and signer."""
    from ...wallets.values import checksum
    from ..bot.configuration import read_configuration

    folder = bot_folder(context)
    configuration = read_configuration(folder.configuration)
    row = {
        "address": checksum(configuration.wallet.address),
        "chain_id": configuration.chain.id,
        "signer": configuration.wallet.signer,
        "keystore": str(folder.keystore),
    }
    if as_json:
        emit(row)
    else:
        say(f"{row['address']}  chain {row['chain_id']}  {row['signer']}  {row['keystore']}")


@app.command(epilog="Example: treasurer wallet new approver.json --password file:approver.password")
def new(
    path: Annotated[Path, typer.Argument(help="The keystore to write; it must not exist.")],
    password: Annotated[str, typer.Option(help="env:NAME, file:PATH, or prompt.")] = "prompt",
    as_json: AsJson = False,
) -> None:
    """Make a new key in an encrypted keystore (Web3 Secret Storage v3), for an owner or an approver."""
    from ...wallets.keys import PrivateKey

    _store(PrivateKey.generate(), path, password, as_json)


@app.command(
    name="import", epilog="Example: treasurer wallet import approver.json --key env:APPROVER_KEY --password prompt"
)
def import_key(
    path: Annotated[Path, typer.Argument(help="The keystore to write; it must not exist.")],
    key: Annotated[
        str, typer.Option(help="The private key's place: env:NAME, file:PATH, or prompt. Never the key itself.")
    ] = "prompt",
    password: Annotated[str, typer.Option(help="env:NAME, file:PATH, or prompt.")] = "prompt",
    as_json: AsJson = False,
) -> None:
    """Put an existing private key into an encrypted keystore."""
    from ...wallets.errors import InvalidValue
    from ...wallets.keys import PrivateKey
    from ..bot.secrets import reference, resolve

    text = resolve(reference(key), root=Path.cwd(), purpose="the private key").strip().removeprefix("0x")
    try:
        private = PrivateKey(bytes.fromhex(text))
    except ValueError as error:
        raise InvalidValue("that is no private key: 64 hex digits are expected") from error
    _store(private, path, password, as_json)


def _store(key: Any, path: Path, password: str, as_json: bool) -> None:
    from ...wallets.errors import InvalidValue
    from ...wallets.signers import create_keystore
    from ...wallets.values import checksum
    from ..bot.secrets import reference, resolve

    if path.exists():
        raise InvalidValue(f"{path} exists: a keystore is never overwritten")
    create_keystore(path, key, resolve(reference(password), root=Path.cwd(), purpose="a password for the keystore"))
    row = {"address": checksum(key.address), "keystore": str(path)}
    if as_json:
        emit(row)
    else:
        say(f"{row['address']}  {row['keystore']}")
