"""Creation: a new bot's folder, written whole or not at all. Keys of the bot are made here, a person's never.

On a devnet, and nowhere else, a throwaway owner is made as well, so that the first quarter of an hour asks nothing.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ...wallets.errors import InvalidValue, TreasurerError
from ...wallets.hints import nearest_or_all
from ...wallets.keys import PrivateKey
from ...wallets.registry import Registry, read_registry, registry_of
from ...wallets.signers import create_keystore
from ...wallets.signers.keystore import LIGHT_SCRYPT_N, STRONG_SCRYPT_N
from ...wallets.values import DEVNET_CHAIN_ID, checksum
from .bundle import read_bundle
from .configuration import NAME_LENGTH, read_configuration
from .folder import BotFolder
from .orders import sign_policy
from .owners import Owners, pin_owners

CHAINS = {
    "devnet": DEVNET_CHAIN_ID,
    "sepolia": 11155111,
    "base-sepolia": 84532,
    "ethereum": 1,
    "base": 8453,
    "arbitrum": 42161,
    "optimism": 10,
    "polygon": 137,
}
"""The chains that have a registry, by the names that ``init --chain`` takes."""
_IGNORED = "# written by treasurer init: keys and state stay on this machine\nagent/\nguard/\nsigner/\nowner/\n*.car\n"


class Created(BaseModel):
    """What ``init`` made. ``owner_keystore`` is set on a devnet only."""

    model_config = ConfigDict(frozen=True)

    folder: str
    chain_id: int
    wallet: str
    policy_cid: str
    mode: str
    owner: str | None
    owner_keystore: str | None


class NewBot(BaseModel):
    """What a new bot is made of. ``password``: the wallet keystore's; None on a devnet, where one is made up."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    chain: str
    rpc: tuple[str, ...]
    owner: str | None = None
    password: str | None = None
    password_reference: str = "prompt"  # noqa: S105 - a reference, not a password
    preset: str = "conservative"


Welcome = Callable[[str, str], Path]
"""Funds a wallet on the devnet at an endpoint; returns the path of its registry file."""


def create(new: NewBot, *, welcome: Welcome | None = None) -> Created:
    """Make the bot beside its place and move it there when it is whole.

    ``welcome``: who funds the wallet on a devnet; by default what the installation's entry point names. Raises
    InvalidValue for a folder that is not empty.
    """
    folder = new.folder.absolute()
    refuse_early(folder, new.chain, new.owner)
    devnet = new.chain == "devnet"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise TreasurerError(
            f"no folder can be made in {folder.parent}: {error.strerror}", next_command="treasurer init OTHER"
        ) from error
    try:
        created = _write(BotFolder(aside), new, folder, (welcome or _devnet_welcome()) if devnet else None)
        if folder.exists():
            folder.rmdir()
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return created


def refuse_early(folder: Path, chain: str, owner: str | None) -> None:
    """What is wrong before a password is asked for. Raises InvalidValue."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidValue(
            f"{folder} is not empty: a bot begins in a folder of its own", next_command="treasurer init OTHER"
        )
    if chain not in CHAINS:
        raise InvalidValue(f"no chain is called {chain}{nearest_or_all(chain, CHAINS)}")
    if chain != "devnet" and owner is None:
        raise InvalidValue("--owner 0x.. names who signs the policy: a person's key is never made here")


def _name_of(folder: Path) -> str:
    """The bot's name from its folder's, in the letters that treasurer.toml takes."""
    folded = unicodedata.normalize("NFKD", folder.name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded)[:NAME_LENGTH].strip("-") or "bot"


def _write(bot: BotFolder, new: NewBot, final: Path, welcome: Welcome | None) -> Created:
    devnet = welcome is not None
    for part in (bot.agent, bot.guard, bot.signer, bot.blocks):
        part.mkdir(mode=0o700)
    (bot.root / "abis").mkdir()
    (bot.root / ".gitignore").write_text(_IGNORED)
    wallet = PrivateKey.generate()
    registry, registry_path = _registry(new, wallet.address, welcome)
    password, reference = _password(bot, new, devnet=devnet)
    create_keystore(bot.keystore, wallet, password, scrypt_n=LIGHT_SCRYPT_N if devnet else STRONG_SCRYPT_N)
    clearance = PrivateKey.generate()
    clearance.write(bot.clearance_key)
    PrivateKey.generate().write(bot.log_key)
    bot.clearance_issuer.write_text(clearance.address + "\n")
    owner_key = PrivateKey.generate() if devnet and new.owner is None else None
    owner = owner_key.address if owner_key is not None else str(new.owner).lower()
    for pin in (bot.guard_owners, bot.signer_owners):
        pin_owners(pin, Owners(owners=(owner,)))
    policy = preset(new.preset).replace("chains: [31337]", f"chains: [{registry.chain_id}]")
    (bot.root / "policy.yaml").write_text(policy)
    (bot.root / "book.yaml").write_text(book_text(registry, owner, devnet=devnet))
    mode = "live" if devnet else "observe"
    bot.configuration.write_text(
        _configuration(_name_of(final), mode, new, registry, registry_path, wallet.address, reference)
    )
    bundle = read_bundle(bot, read_configuration(bot.configuration))
    if owner_key is not None:
        sign_policy(bot, owner_key)
        _keep_owner(bot, owner_key)
    return Created(
        folder=str(final),
        chain_id=registry.chain_id,
        wallet=checksum(wallet.address),
        policy_cid=bundle.cid,
        mode=mode,
        owner=checksum(owner),
        owner_keystore=None if owner_key is None else str(final / "owner" / "owner.json"),
    )


def _registry(new: NewBot, wallet: str, welcome: Welcome | None) -> tuple[Registry, Path | None]:
    if welcome is None:
        return registry_of(CHAINS[new.chain]), None
    path = welcome(new.rpc[0], wallet)
    return read_registry(path), path


def _devnet_welcome() -> Welcome:
    """The floor above gives new wallets their money on a devnet: found by entry point, so that no import runs
    upwards.
    """
    for point in entry_points(group="treasurer.devnet"):
        if point.name == "welcome":
            welcome: Welcome = point.load()
            return welcome
    raise TreasurerError("this installation has no devnet", next_command="pip install --force-reinstall treasurer")


def _password(bot: BotFolder, new: NewBot, *, devnet: bool) -> tuple[str, str]:
    """The keystore's password, and where the signer finds it."""
    if new.password is not None:
        return new.password, new.password_reference
    if not devnet:
        raise InvalidValue("the wallet needs a password: --password env:NAME, file:PATH or prompt")
    password = secrets.token_urlsafe(24)
    path = bot.signer / "password"
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return password, "file:signer/password"


def preset(name: str) -> str:
    """The text of a preset policy. Raises InvalidValue naming those that there are."""
    folder = files(__package__).joinpath("..", "..", "policies", "language", "presets")
    known = sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))
    if name not in known:
        raise InvalidValue(f"no preset is called {name}: choose from {', '.join(known)}")
    return folder.joinpath(f"{name}.yaml").read_text()


def book_text(registry: Registry, owner: str, *, devnet: bool) -> str:
    """A first book.yaml: the chain's tokens and venues from its registry, pinned where hashes are known, and the
    owner.
    """
    chain = registry.chain_id
    lines = [
        "# The only place where a name becomes an address. Signed together with policy.yaml: after a change an owner",
        "# signs again with `treasurer policy sign`.",
        "version: 1",
        "payees:" if devnet else "payees: {}",
    ]
    if devnet:
        for label, address in DEVNET_PAYEES.items():
            lines.append(
                f'  {label}: {{address: "{checksum(address)}", chains: [{chain}], note: a payee to try things with}}'
            )
    lines.append("tokens:")
    for label, token in registry.tokens.items():
        feed = f', feed: "{checksum(token.feed)}", heartbeat: {token.heartbeat_seconds}s' if token.feed else ""
        pin = f', code_hash: "{token.code_hash}"' if token.code_hash else ""
        lines.append(
            f'  {label}: {{address: "{checksum(token.address)}", chains: [{chain}], decimals: {token.decimals},'
            f" kind: {token.kind}{feed}{pin}}}"
        )
    lines.append("venues:")
    for label, venue in registry.venues.items():
        pins = f', code_hash: "{venue.code_hash}"' if venue.code_hash else ""
        if venue.implementation and venue.implementation_code_hash:
            pins += f', implementation: "{checksum(venue.implementation)}"'
            pins += f', implementation_hash: "{venue.implementation_code_hash}"'
        lines.append(
            f'  {label}: {{address: "{checksum(venue.address)}", chains: [{chain}], kind: {venue.kind}{pins}}}'
        )
    lines += ["people:", f'  owner: {{address: "{checksum(owner)}", may: [approve, stop, resume]}}', ""]
    return "\n".join(lines)


DEVNET_PAYEES = {
    "alice": "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
    "bob": "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
}
"""Accounts 1 and 2 of the mnemonic that every devnet publishes."""


def _configuration(  # noqa: PLR0917 - what the file says, in its order
    name: str, mode: str, new: NewBot, registry: Registry, registry_path: Path | None, wallet: str, password: str
) -> str:
    most = 1_000_000 if registry.chain_id == DEVNET_CHAIN_ID else 5000
    endpoints = ", ".join(json.dumps(endpoint) for endpoint in new.rpc)
    local = f"registry = {json.dumps(str(registry_path))}\n" if registry_path is not None else ""
    return (
        f"version = 1\nname = {json.dumps(name)}\n"
        f'mode = "{mode}"                 # observe: judge and record, sign nothing | live\n\n'
        f"[chain]\nid = {registry.chain_id}\nrpc = [{endpoints}]\n{local}\n"
        f'[wallet]\naddress = "{checksum(wallet)}"\nsigner = "keystore"\n'
        f"password = {json.dumps(password)}\nmax_value_usd = {most}\n\n"
        '[policy]\nfile = "policy.yaml"\nbook = "book.yaml"\n\n'
        '[model]\nname = "qwen2.5-coder-1.5b-q4_k_m"\ngpu_layers = "auto"\n\n'
        '[log]\nlevel = "info"\nformat = "auto"\n\n'
        "# [[schedule]]\n"
        '# id = "rebalance"\n# cron = "0 9 * * 1-5"\n# timezone = "Europe/Zurich"\n# misfire = "skip"\n'
        '# goal = "rebalance to 60% weth, 40% usdc"\n\n'
        '# [[trigger]]\n# id = "defend"\n# health_factor_below = "1.5"\n# goal = "raise the health factor to 1.8"\n'
    )


def _keep_owner(bot: BotFolder, owner: PrivateKey) -> None:
    """The throwaway owner of a devnet bot, with the password beside it: worth nothing, and never made elsewhere."""
    folder = bot.root / "owner"
    folder.mkdir(mode=0o700)
    password = secrets.token_urlsafe(24)
    path = folder / "password"
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    create_keystore(folder / "owner.json", owner, password, scrypt_n=LIGHT_SCRYPT_N)
