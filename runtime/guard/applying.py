"""Applying: a running guard is told to obey the orders in the bot's folder."""

from __future__ import annotations

from typing import Any

from ..bot.bundle import read_bundle
from ..bot.configuration import read_configuration
from ..bot.folder import BotFolder
from ..bot.orders import read_signed_policy
from ..bot.owners import current_owners
from ..processes.ipc import NotRunning, connect


async def apply_policy(folder: BotFolder) -> dict[str, Any]:
    """What the guard answers to ``apply_policy``, and ``running``; where none runs, the orders are checked alone.

    Raises PolicyError, OrderRefused: nothing has changed then.
    """
    try:
        connection = await connect(folder.guard_socket)
    except NotRunning:
        configuration = read_configuration(folder.configuration)
        signed = read_signed_policy(folder, configuration, read_bundle(folder, configuration))
        signed.check_owner(current_owners(folder.guard_owners, folder, configuration).owners)
        return {"running": False, "policy_cid": signed.bundle.cid, "version": signed.order.version}
    try:
        return {"running": True, **await connection.ask("apply_policy", {})}
    finally:
        await connection.close()
