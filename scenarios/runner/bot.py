"""The bot of a scenario: a folder as ``treasurer init`` makes it, with the scenario's policy, payees and automations.

The policy that comes of it is signed by the devnet's throwaway owner, as a person would with ``treasurer policy sign``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...policies.bundle import PolicyBundle
from ...policies.documents import read_yaml
from ...runtime.configuration import read_configuration
from ...runtime.creation import NewBot, create, preset
from ...runtime.folder import BotFolder
from ...runtime.orders import PolicyOrder, Signed
from ...wallets.signers import KeystoreSigner, open_keystore
from ..devnet.world import World
from .document import AgentPart, PolicyPart, Scenario


def make_bot(folder: Path, scenario: Scenario, world: World, rpc: str, registry: Path, *, model: str | None) -> BotFolder:
    """Make the bot and give it what the scenario says. ``model``: a name of the catalog instead of the default."""
    part = scenario.world

    def welcome(_: str, wallet: str) -> Path:
        native = part.funds.get("native", Decimal(0))
        world.fund(wallet, native=native, tokens={label: of for label, of in part.funds.items() if label != "native"})
        return registry

    create(NewBot(folder=folder, chain="devnet", rpc=(rpc,), preset=scenario.policy.preset), welcome=welcome)
    bot = BotFolder(folder.resolve())
    _write_book(bot, part.payees)
    _write_policy(bot, scenario.policy)
    _write_configuration(bot, scenario.agent, model)
    _sign(bot)
    return bot


def owner_of(bot: BotFolder) -> KeystoreSigner:
    """The devnet's owner, with its keystore opened."""
    folder = bot.root / "owner"
    return open_keystore(folder / "owner.json", (folder / "password").read_text().strip())


def _write_book(bot: BotFolder, payees: dict[str, str]) -> None:
    path = bot.root / "book.yaml"
    rows = "".join(f'  {label}: {{address: "{address}", chains: [31337]}}\n' for label, address in payees.items())
    path.write_text(path.read_text().replace("payees:\n", f"payees:\n{rows}", 1))


def _write_policy(bot: BotFolder, part: PolicyPart) -> None:
    text = preset(part.preset) if part.text is None else part.text
    if part.rules or part.limits:
        document, _ = read_yaml(text.encode(), "policy")
        document["rules"] = _changed(document.get("rules", []), part.rules)
        document["limits"] = _changed(document.get("limits", []), part.limits)
        text = "".join(f"{key}: {flow(value)}\n" for key, value in document.items())
    (bot.root / "policy.yaml").write_text(text)


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


def _sign(bot: BotFolder) -> None:
    configuration = read_configuration(bot.configuration)
    bundle = PolicyBundle.read(bot.root / configuration.policy.file, bot.root / configuration.policy.book)
    order = PolicyOrder(
        chain_id=configuration.chain.id, account=configuration.wallet.address, policy_cid=bundle.cid
    )
    signed = Signed(order=order.model_dump(mode="json"), signature=owner_of(bot).sign_hash(order.hash()))
    bot.policy_signature.write_text(signed.model_dump_json() + "\n")
