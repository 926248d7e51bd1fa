"""Live: what must be true before a bot may sign away from a devnet, and the owner's order that says so."""

from __future__ import annotations

from urllib.parse import urlsplit

from ...wallets.errors import TreasurerError
from ...wallets.orders import GoLiveOrder, signer_of
from ...wallets.values import parse_hex
from .bundle import read_bundle
from .configuration import read_configuration
from .doctor import examine, portfolio_usd
from .folder import BotFolder
from .owners import current_owners
from .secrets import endpoints
from .signed import Signed, write_whole

PUBLISHED_TEST_KEYS = frozenset(
    {
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
        "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
        "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
        "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
        "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
        "0x976ea74026e726554db657fa54763abd0c3a0aa9",
        "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
        "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
        "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
    }
)
"""Addresses of the mnemonic that every devnet publishes: whoever sends coins there gives them away."""


def go_live_order(folder: BotFolder) -> GoLiveOrder:
    """What an owner signs to take this bot live as it is configured now."""
    configuration = read_configuration(folder.configuration)
    bundle = read_bundle(folder, configuration)
    return GoLiveOrder(
        chain_id=configuration.chain.id,
        account=configuration.wallet.address,
        policy_cid=bundle.cid,
        max_value_usd=configuration.wallet.max_value_usd,
    )


async def obstacles(folder: BotFolder) -> list[str]:
    """Why this bot may not go live now, in sentences; empty where it may."""
    configuration = read_configuration(folder.configuration)
    bundle = read_bundle(folder, configuration)
    found = [f"doctor: {check.name}: {check.fact}" for check in await examine(folder) if check.level == "fail"]
    hosts = {urlsplit(url).hostname for url in endpoints(configuration.chain.rpc, root=folder.root)}
    if len(hosts) < 2:
        found.append("[chain] rpc names one host: a second one is needed to catch the first lying")
    if not any(limit.counts == "outflow" for limit in bundle.policy.limits):
        found.append("the policy has no windowed outflow limit")
    if configuration.wallet.address in PUBLISHED_TEST_KEYS:
        found.append("the wallet is a published test key: anybody can empty it")
    worth = await portfolio_usd(folder)
    if worth is None:
        found.append("the wallet's worth cannot be priced")
    elif worth > configuration.wallet.max_value_usd:
        found.append(f"the wallet is worth {worth:.2f} USD, over max_value_usd = {configuration.wallet.max_value_usd}")
    return found


def take_live(folder: BotFolder, order: GoLiveOrder, signature: str) -> None:
    """Store the owner's order for the signer, and set the mode. Raises OrderRefused where no owner signed."""
    owners = current_owners(folder.signer_owners, folder, read_configuration(folder.configuration)).owners
    signer_of(order, parse_hex(signature), owners)
    signed = Signed(order=order.model_dump(mode="json"), signature=parse_hex(signature))
    write_whole(folder.go_live, signed.model_dump_json() + "\n", private=True)
    set_mode(folder, "live")


def set_mode(folder: BotFolder, mode: str) -> None:
    """Write ``mode`` into treasurer.toml, leaving every other byte as its owner wrote it."""
    import tomlkit

    try:
        document = tomlkit.parse(folder.configuration.read_text())
        document["mode"] = mode
        aside = folder.configuration.with_suffix(".new")
        aside.write_text(tomlkit.dumps(document))
        aside.replace(folder.configuration)
    except OSError as error:
        raise TreasurerError(f"{folder.configuration} cannot be written: {error.strerror}") from error
