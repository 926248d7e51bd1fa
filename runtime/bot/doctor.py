"""Doctor: one check after the other of all that a bot needs, each with the command that mends it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from ...policies.language.bundle import PolicyBundle
from ...policies.observation.prices.portfolio import read_portfolio
from ...wallets.chain import ChainClient
from ...wallets.errors import ChainError, TreasurerError
from ...wallets.values import DEVNET_CHAIN_ID, NATIVE
from ..guard import open_guard
from ..guard.plugin_code import PluginMissing, find_plugin
from ..guard.plugins import what_is_kept
from .bundle import read_bundle
from .configuration import Configuration, read_configuration
from .folder import BotFolder
from .orders import read_signed_policy
from .owners import current_owners
from .secrets import SecretMissing, endpoints

T = TypeVar("T")
Level = Literal["ok", "warn", "fail"]
MIN_DISK_BYTES = 1 << 30
"""The log and its blocks grow; a full disk stops the bot."""
LOW_GAS_WEI = 5 * 10**15
MAX_SKEW_SECONDS = 60


@dataclass(frozen=True)
class Check:
    """One line of doctor."""

    level: Level
    name: str
    fact: str
    command: str | None = None

    def line(self) -> str:
        """``ok|warn|fail  check  fact  -> command``."""
        mend = f"  -> {self.command}" if self.command else ""
        return f"{self.level:4}  {self.name:14}  {self.fact}{mend}"

    def to_json(self) -> dict[str, Any]:
        """The same as an object."""
        return {"level": self.level, "check": self.name, "fact": self.fact, "command": self.command}


async def examine(folder: BotFolder) -> list[Check]:
    """All checks; one that cannot be made because an earlier one failed is left out."""
    checks: list[Check] = []
    configuration = _guarded(
        checks, "configuration", "treasurer config check", lambda: read_configuration(folder.configuration)
    )
    if configuration is None:
        return checks
    checks[-1] = Check(
        "ok", "configuration", f"{configuration.name}, chain {configuration.chain.id}, mode {configuration.mode}"
    )
    checks.append(_permissions(folder))
    bundle = _guarded(
        checks,
        "policy",
        "treasurer config check",
        lambda: read_bundle(folder, configuration),
    )
    if bundle is None:
        return checks
    checks[-1] = Check("ok", "policy", f"{bundle.policy.name}, {len(bundle.policy.rules)} rules, {bundle.cid}")
    checks.append(_limits(bundle))
    checks.append(_pins(bundle, configuration.chain.id))
    async for check in _plugins(bundle):
        checks.append(check)
    async for check in _chain_checks(folder, configuration, bundle):
        checks.append(check)
    if any(check.level == "fail" and check.name == "rpc" for check in checks):
        checks.append(Check("warn", "guard", "not looked at: no RPC (nor policy.sig, signer and log)"))
    else:
        async for check in _guard_checks(folder):
            checks.append(check)
    checks.append(_model(configuration))
    checks.append(_disk(folder))
    return checks


def _guarded(checks: list[Check], name: str, command: str, read: Callable[[], T]) -> T | None:
    try:
        value = read()
    except TreasurerError as error:
        checks.append(Check("fail", name, str(error), error.next_command or command))
        return None
    checks.append(Check("ok", name, "read"))
    return value


def _permissions(folder: BotFolder) -> Check:
    secrets = [folder.keystore, folder.clearance_key, folder.log_key, folder.guard, folder.signer, folder.agent]
    missing = [path.name for path in secrets if not path.exists()]
    if missing:
        return Check("fail", "permissions", f"missing: {', '.join(missing)}", "treasurer init OTHER")
    open_to_others = [path for path in secrets if path.stat().st_mode & 0o077]
    if open_to_others:
        first = open_to_others[0]
        return Check("fail", "permissions", f"{first} may be read by others", f"chmod go= '{first}'")
    return Check("ok", "permissions", "keys and state are their owner's alone")


def _limits(bundle: PolicyBundle) -> Check:
    outflows = [limit.id for limit in bundle.policy.limits if limit.counts == "outflow"]
    if outflows:
        return Check("ok", "limits", f"outflow is limited by {', '.join(outflows)}")
    return Check("warn", "limits", "the policy has no windowed outflow limit: going live needs one", "edit policy.yaml")


def _pins(bundle: PolicyBundle, chain_id: int) -> Check:
    venues = bundle.book.venues(chain_id)
    unpinned = [venue.label for venue in venues if venue.code_hash is None]
    if not unpinned:
        return Check("ok", "registry pins", f"{len(venues)} venues, all pinned")
    if chain_id == DEVNET_CHAIN_ID:
        return Check("ok", "registry pins", f"{len(unpinned)} venues unpinned: a devnet needs none")
    return Check(
        "fail",
        "registry pins",
        f"not pinned: {', '.join(unpinned)}: what uses them is denied",
        "treasurer registry pin --write",
    )


def warnings(folder: BotFolder, configuration: Configuration, bundle: PolicyBundle) -> list[str]:
    """What is written rightly and yet would stop the bot: an endpoint's secret that is not set, a policy that no owner
    signed.
    """
    found = []
    for reference in configuration.chain.rpc:
        try:
            endpoints([reference], root=folder.root)
        except SecretMissing as error:
            found.append(f"[chain] rpc: {error}")
    try:
        owners = current_owners(folder.guard_owners, folder, configuration)
        read_signed_policy(folder, configuration, bundle).check_owner(owners.owners)
    except TreasurerError as error:
        found.append(f"{error}" + (f" -> {error.next_command}" if error.next_command else ""))
    return found


async def _plugins(bundle: PolicyBundle) -> AsyncIterator[Check]:
    """Each plug-in that the policy pins is installed as pinned; and what this system does not let one give up."""
    for name, pin in bundle.policy.plugins.items():
        try:
            found = find_plugin(name).hash
        except PluginMissing as error:
            yield Check("fail", "plug-ins", str(error), "pip install it, or edit policy.yaml")
            continue
        if found == pin.hash:
            yield Check("ok", "plug-ins", f"{name} is installed as the policy pins it")
        else:
            yield Check(
                "fail", "plug-ins", f"{name} has another hash than the policy pins: {found}", "edit policy.yaml"
            )
    if bundle.policy.plugins:
        kept = await what_is_kept()
        if kept:
            yield Check("warn", "plug-ins", f"this system leaves a plug-in its {' and '.join(kept)}")


async def _chain_checks(folder: BotFolder, configuration: Configuration, bundle: PolicyBundle) -> AsyncIterator[Check]:
    mend = "treasurer devnet up" if configuration.chain.id == DEVNET_CHAIN_ID else "edit [chain] rpc in treasurer.toml"
    try:
        urls = endpoints(configuration.chain.rpc, root=folder.root)
        hosts = {urlsplit(url).hostname or "?" for url in urls}
        async with ChainClient(urls, configuration.chain.id) as chain:
            header = await chain.block()
            yield Check(
                "ok", "rpc", f"chain {configuration.chain.id} at block {header.number} by {', '.join(sorted(hosts))}"
            )
            yield _clock(header.timestamp, configuration)
            portfolio = await read_portfolio(chain, bundle.book, configuration.wallet.address)
            for token in bundle.book.tokens(configuration.chain.id):
                if token.feed is not None and token.address not in portfolio.prices:
                    why = f"{token.label} has no usable price: {portfolio.unpriced.get(token.address, 'no feed')}"
                    yield Check("fail", "feeds", why, "edit what book.yaml says of its prices")
            yield Check("ok", "feeds", f"{len(portfolio.prices)} prices")
            wei = portfolio.balances.get(NATIVE, 0)
            coins = Decimal(wei).scaleb(-18).normalize()
            level: Level = "ok" if wei >= LOW_GAS_WEI else "warn"
            yield Check(
                level, "gas", f"{coins:f} of the native coin", None if level == "ok" else "send some to the wallet"
            )
    except ChainError as error:
        yield Check("fail", "rpc", str(error), mend)
    except TreasurerError as error:
        yield Check("fail", "rpc", str(error), error.next_command or mend)


async def portfolio_usd(folder: BotFolder) -> Decimal | None:
    """What the wallet is worth in USD by the book's feeds; None where it cannot be priced."""
    configuration = read_configuration(folder.configuration)
    bundle = read_bundle(folder, configuration)
    async with ChainClient(endpoints(configuration.chain.rpc, root=folder.root), configuration.chain.id) as chain:
        return (await read_portfolio(chain, bundle.book, configuration.wallet.address)).usd


def _clock(timestamp: int, configuration: Configuration) -> Check:
    skew = abs(datetime.now(UTC).timestamp() - timestamp)
    if configuration.chain.id == DEVNET_CHAIN_ID:
        return Check("ok", "clock", "a devnet's blocks are the clock")
    if skew > MAX_SKEW_SECONDS:
        return Check(
            "fail", "clock", f"the newest block is {skew:.0f} s away from this machine's clock", "timedatectl status"
        )
    return Check("ok", "clock", f"{skew:.0f} s from the newest block")


async def _guard_checks(folder: BotFolder) -> AsyncIterator[Check]:
    """Open the guard and the signer for a moment: the policy's signature, the keys and the log are what they must
    be.
    """
    try:
        async with open_guard(folder, signer=True) as guard:
            status = await guard.ask("status")
    except TreasurerError as error:
        yield Check("fail", "guard", str(error), error.next_command or "treasurer up")
        return
    yield Check("ok", "policy.sig", f"an owner signed {status['policy_cid'][:16]}..")
    if "error" in status["signer"]:
        yield Check("fail", "signer", status["signer"]["error"], "edit [wallet] password in treasurer.toml")
    else:
        yield Check("ok", "signer", f"unlocks {status['signer']['address']}")
    if status["stopped"]:
        yield Check("warn", "stop", "the kill switch is on", "treasurer resume --keystore OWNER.json")
    if status["shadow"] is not None:
        yield _shadow(status["shadow"])
    log = status["log"]
    yield Check("ok", "log", f"{log['size']} records, head {log['head']}")


def _shadow(told: dict[str, Any]) -> Check:
    """The policy that is only tried: a fault of it stops nothing, and somebody wants to know."""
    if told["fault"]:
        return Check("warn", "shadow", told["fault"].splitlines()[0], f"edit {told['file']}")
    total = told["same"] + told["differs"]
    return Check("ok", "shadow", f"{told['policy']} differs in {told['differs']} of {total} answers")


def _model(configuration: Configuration) -> Check:
    from ...inference.errors import InferenceError
    from ...inference.models import find_model

    try:
        path = find_model(configuration.model.name)
    except (InferenceError, OSError) as error:
        return Check("warn", "model", str(error), f"treasurer model pull {configuration.model.name}")
    try:
        import llama_cpp  # noqa: F401 - whether it is there is the question
    except ImportError:
        return Check(
            "warn", "model", "llama-cpp-python is not installed: only plain commands are understood", "make setup"
        )
    return Check("ok", "model", f"{configuration.model.name} ({path.stat().st_size / 1e9:.1f} GB)")


def _disk(folder: BotFolder) -> Check:
    free = shutil.disk_usage(_existing(folder.guard)).free
    level: Level = "ok" if free >= MIN_DISK_BYTES else "fail"
    return Check(level, "disk", f"{free / 1e9:.1f} GB free", None if level == "ok" else f"df -h '{folder.root}'")


def _existing(path: Path) -> Path:
    return path if path.exists() else path.parent
