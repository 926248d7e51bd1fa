"""Orders: what a person types after a slash: status, approvals, stop. They go to the guard, past the agent."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...wallets.errors import InvalidValue
from ..bot.secrets import reference, resolve
from .rendering import approval, headline

if TYPE_CHECKING:
    from .chat import Chat

HELP = (
    'Say what to do, as in "send 10 usdc to alice", or ask, as in "how much usdc do we have?".',
    "/status                                  how the bot stands, and its last runs",
    "/approve [ID] --keystore FILE [--password REF]   approve what waits, with your own key",
    "/refuse [ID] [REASON]                    refuse what waits",
    "/stop [REASON]                           stop the bot; an owner resumes it with `treasurer resume`",
    "/help   /quit                            Ctrl-C clears the line, or leaves a run to go on; twice it quits",
)
RUNS_SHOWN = 5
WAIT_SECONDS = 60.0


async def obey(chat: Chat, line: str) -> bool:
    """Carry out one slash command; False when the chat is over. Raises TreasurerError."""
    try:
        word, *rest = shlex.split(line)
    except ValueError as error:
        raise InvalidValue(f"a quote in {line!r} never closes") from error
    match word:
        case "/quit" | "/exit":
            return False
        case "/help":
            chat.screen.lines(HELP)
        case "/status":
            await _status(chat)
        case "/stop":
            await chat.guard("stop", by=chat.person, reason=" ".join(rest)[:500])
            chat.screen.line("stopped: nothing goes out until an owner resumes it with `treasurer resume`", "red")
        case "/approve":
            await _approve(chat, rest)
        case "/refuse":
            digest = await _one_waiting(chat, rest[0] if rest else None)
            answer = await chat.guard("refuse", digest=digest, person=chat.person, reason=" ".join(rest[1:])[:500])
            chat.screen.line(f"refused: {answer['why']}")
            await chat.settle(digest)
        case _:
            raise InvalidValue(f"there is no {word} here: /help tells what there is")
    return True


async def _status(chat: Chat) -> None:
    status = await chat.guard("status")
    stopped = "  STOPPED" if status["stopped"] else ""
    chat.screen.line(
        f"{status['name']}  {status['mode']}{stopped}  chain {status['chain_id']} at block {status['block']}"
    )
    chat.screen.line(f"{status['waiting']} wait for people, {status['in_flight']} in flight; policy {status['policy']}")
    for row in (await chat.guard("approvals"))["waiting"]:
        chat.screen.lines(headline(row))
        chat.screen.lines(f"  {line}" for line in approval(row))
    for run in (await chat.agent.look("runs", count=RUNS_SHOWN))["rows"]:
        chat.screen.line(f"{run['run'][:10]}  {run['state']:9}  {run['goal']}", "dim")


async def _approve(chat: Chat, words: list[str]) -> None:
    """Show the proposal as the guard tells it, sign its digest with the person's keystore, and see it carried out."""
    from ..bot.signature import sign_shown

    options, name = _options(words)
    if "--keystore" not in options:
        raise InvalidValue("name your keystore: /approve ID --keystore FILE")
    shown = await chat.guard("approval_show", digest=await _one_waiting(chat, name))
    chat.screen.lines(approval(shown))
    keystore = _keystore(options["--keystore"])
    password = await _password(chat, options.get("--password", "prompt"), keystore)
    if password is None:
        return
    signature = await asyncio.to_thread(sign_shown, shown["typed_data"], keystore, password)
    answer = await chat.guard("approve", digest=shown["digest"], signature=signature)
    more = "it is carried out" if answer["complete"] else "more approvals are needed"
    chat.screen.line(f"approved by {', '.join(answer['approved_by'])}; {more}", "green")
    if answer["complete"] and not await chat.settle(shown["digest"]):
        done = await chat.guard("wait", key=answer["key"], seconds=WAIT_SECONDS)
        chat.screen.lines([f"{done['state']}: transaction {hashed}" for hashed in done["hashes"]] or [done["state"]])


async def _one_waiting(chat: Chat, name: str | None) -> str:
    """The digest that was named, or the only one that waits."""
    if name is not None:
        return name
    waiting: list[dict[str, Any]] = (await chat.guard("approvals"))["waiting"]
    if len(waiting) != 1:
        raise InvalidValue(
            "nothing waits for approval" if not waiting else "more than one waits: /status, and name one"
        )
    return str(waiting[0]["digest"])


def _options(words: list[str]) -> tuple[dict[str, str], str | None]:
    """``--name value`` pairs, and the one word that is left."""
    options: dict[str, str] = {}
    left: list[str] = []
    pending = iter(words)
    for word in pending:
        if word not in ("--keystore", "--password"):
            left.append(word)
            continue
        value = next(pending, None)
        if value is None:
            raise InvalidValue(f"{word} needs a value: /help")
        options[word] = value
    if len(left) > 1 or any(word.startswith("-") for word in left):
        raise InvalidValue("expected: /approve ID --keystore FILE")
    return options, left[0] if left else None


def _keystore(given: str) -> Path:
    return Path(given).expanduser()


async def _password(chat: Chat, given: str, keystore: Path) -> str | None:
    if given != "prompt" or not chat.lines.is_terminal:
        return resolve(reference(given), root=Path.cwd(), purpose=f"password of {keystore}")
    return await chat.lines.secret(lambda: chat.screen.ask(f"password of {keystore}: "))
