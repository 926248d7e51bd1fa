"""`treasurer chat`: talk to the bot."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import typer

from .terminal import await_result, bot_folder, end

if TYPE_CHECKING:
    from ..bot.folder import BotFolder

app = typer.Typer()
STANDARD_INPUT = 0


@app.command(epilog="Example: treasurer --bot acme chat")
def chat(context: typer.Context) -> None:
    """Talk to the bot: it asks before it submits anything, and you can approve in the same screen. Reads pipes, too."""
    end(await_result(_chat(bot_folder(context))))


async def _chat(folder: BotFolder) -> int:
    from ..agent.client import open_agent
    from ..console.chat import Chat
    from ..console.lines import Lines
    from ..console.screen import Screen

    async with open_agent(folder) as agent:
        return await Chat(folder, agent, Lines(STANDARD_INPUT), Screen(), _person()).run()


def _person() -> str:
    """Who sits here, for the record; the system's name for them."""
    try:
        return getpass.getuser()[:64]
    except (KeyError, OSError):
        return "somebody"
