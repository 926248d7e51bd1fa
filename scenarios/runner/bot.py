"""The bot of a scenario: a folder as ``treasurer init`` makes it, with the scenario's policy, payees and automations.

The policy that comes of it is signed by the devnet's throwaway owner, as a person would with ``treasurer policy sign``.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...policies.documents.yaml_document import read_yaml
from ...runtime.bot import orders
from ...runtime.bot.creation import NewBot, create, preset
from ...runtime.bot.folder import BotFolder
from ...wallets.keys import PrivateKey
from ...wallets.signers import open_keystore
from ..devnet.world import World
from .document import AgentPart, PolicyPart, Scenario

END_SECONDS = 15.0
"""Guard and signer end by themselves when nobody is connected."""


def make_bot(
    folder: Path, scenario: Scenario, world: World, rpc: str, registry: Path, *, model: str | None
) -> BotFolder:
    """Make the bot and give it what the scenario says. ``model``: a name of the catalog instead of the default."""
    part = scenario.world

    def welcome(_: str, wallet: str) -> Path:
        native = part.funds.get("native", Decimal(0))
        world.fund(wallet, native=native, tokens={label: of for label, of in part.funds.items() if label != "native"})
        return registry

    create(NewBot(folder=folder, chain="devnet", rpc=(rpc,), preset=scenario.policy.preset), welcome=welcome)
    bot = BotFolder(folder.resolve())
    add_to_book(bot, part.book)
    put_policy(bot, scenario.policy)
    _write_configuration(bot, scenario.agent, model)
    sign_policy(bot)
    return bot


def owner_of(bot: BotFolder) -> PrivateKey:
    """The devnet's owner, with its keystore opened."""
    folder = bot.root / "owner"
    return open_keystore(folder / "owner.json", (folder / "password").read_text().strip())


async def until_ended(bot: BotFolder) -> None:
    """Return when the bot's guard and signer are gone, so that nothing looks for a devnet that ends."""
    until = time.monotonic() + END_SECONDS
    while time.monotonic() < until:
        if not any(socket.exists() for socket in (bot.guard_socket, bot.signer_socket)):
            return
        await asyncio.sleep(0.05)


def add_to_book(bot: BotFolder, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Entries for book.yaml, by section and label; one of a label that is there takes its place."""
    path = bot.root / "book.yaml"
    document, _ = read_yaml(path.read_bytes(), str(path))
    for name, entries in sections.items():
        document[name] = {**document.get(name, {}), **entries}
    path.write_text(_written(document))


def put_policy(bot: BotFolder, part: PolicyPart) -> None:
    """policy.yaml as ``part`` says."""
    text = preset(part.preset) if part.text is None else part.text
    if part.rules or part.limits:
        document, _ = read_yaml(text.encode(), "policy")
        document["rules"] = _changed(document.get("rules", []), part.rules)
        document["limits"] = _changed(document.get("limits", []), part.limits)
        text = _written(document)
    (bot.root / "policy.yaml").write_text(text)


def _written(document: dict[str, Any]) -> str:
    """A document with a line for each entry of its sections."""
    lines = []
    for name, value in document.items():
        if isinstance(value, dict) and value:
            lines += [f"{name}:", *(f"  {flow(label)}: {flow(entry)}" for label, entry in value.items())]
        elif isinstance(value, list) and value:
            lines += [f"{name}:", *(f"  - {flow(entry)}" for entry in value)]
        else:
            lines.append(f"{name}: {flow(value)}")
    return "\n".join(lines) + "\n"


def _changed(present: list[dict[str, Any]], changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """New ones first; one of an id that is there takes its place."""
    by_id = {one["id"]: one for one in changes}
    ids = {one["id"] for one in present}
    return [*(one for one in changes if one["id"] not in ids), *(by_id.get(one["id"], one) for one in present)]


def flow(value: Any) -> str:
    """A plain value as YAML in flow style; decimals stay exact."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def _write_configuration(bot: BotFolder, part: AgentPart, model: str | None) -> None:
    import tomlkit

    document: Any = tomlkit.parse(bot.configuration.read_text())
    if model is not None:
        document["model"]["name"] = model
    for name, entries in (("schedule", part.schedules), ("trigger", part.triggers)):
        if entries:
            tables = tomlkit.aot()
            for entry in entries:
                tables.append(tomlkit.item({k: str(v) for k, v in entry.model_dump().items()}))
            document[name] = tables
    bot.configuration.write_text(tomlkit.dumps(document))


def sign_policy(bot: BotFolder) -> None:
    """Sign policy and book, as they are written now, with the devnet's owner."""
    orders.sign_policy(bot, owner_of(bot))
