"""Stage: what a scenario is played on: a devnet, a bot on it with its three processes, and what is to be seen there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from eth_utils.crypto import keccak

from ...policies.book.book import Book
from ...runtime.agent import Agent
from ...runtime.agent.world import BotContexts, open_contexts
from ...runtime.bot.bundle import read_bundle
from ...runtime.bot.configuration import Configuration, read_configuration
from ...runtime.bot.folder import BotFolder
from ...tools.aave_v3 import USD_DECIMALS
from ...wallets.errors import TreasurerError
from ...wallets.values import NATIVE, checksum
from ..devnet import Devnet
from ..devnet.rpc import Rpc
from ..devnet.world import World
from .bot import make_bot, until_ended
from .document import Scenario
from .report import TREASURY, State, Used
from .script import SwitchedPlanner


@dataclass
class Stage:
    """``holders`` and ``assets``: addresses by label. ``resting``: runs that wait, by digest: (run, goal)."""

    scenario: Scenario
    seed: int
    world: World
    rpc: str
    bot: BotFolder
    configuration: Configuration
    agent: Agent
    contexts: BotContexts
    planner: SwitchedPlanner
    book: Book
    holders: dict[str, str]
    assets: dict[str, tuple[str, int]]
    models: bool
    airdropped: str | None = None
    armed: dict[str, bool] = field(default_factory=dict)
    resting: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The treasury."""
        return self.configuration.wallet.address

    def address(self, name: str) -> str:
        """Of a holder or an asset, or the address itself. Raises InvalidScenario."""
        found = self.holders.get(name) or (self.assets[name][0] if name in self.assets else None)
        if found is None and not name.startswith("0x"):
            raise InvalidScenario(f"nobody is called {name}: known are {', '.join([*self.holders, *self.assets])}")
        return (found or name).lower()

    def balance(self, holder: str, asset: str) -> int:
        """Base units."""
        address = self.holders[holder]
        if asset == NATIVE:
            return int(self.world.rpc.request("eth_getBalance", address, "latest"), 16)
        token = self.assets[asset][0]
        return int(self.world.rpc.call(token, "balanceOf(address)", address, returns="(uint256)"))

    async def state(self) -> State:
        """What there is now."""
        budget = (await self.agent.guard.ask("budget"))["limits"]
        used = {
            row["id"]: Used(row["counts"], row["unit"], Decimal(row["used"] or "NaN"), Decimal(row["max"]))
            for row in budget
        }
        return replace(await asyncio.to_thread(self._seen), budget=used)

    def _seen(self) -> State:
        balances = {
            who: {label: Decimal(self.balance(who, label)).scaleb(-self.assets[label][1]) for label in self.assets}
            for who in self.holders
        }
        prices = {label: self.world.price(label) for label in self.assets}
        pool = self.world.registry["venues"]["aave-v3"]["address"]
        words = self.world.rpc.call(
            pool,
            "getUserAccountData(address)",
            self.account,
            returns="(uint256,uint256,uint256,uint256,uint256,uint256)",
        )
        lent, owed = (Decimal(word).scaleb(-USD_DECIMALS) for word in words[:2])
        return State(balances, prices, lent, owed, Decimal(words[5]).scaleb(-18) if owed else None)


class InvalidScenario(TreasurerError):
    """A scenario names what its world does not have."""

    exit_status = 2


@contextlib.asynccontextmanager
async def open_stage(
    scenario: Scenario, folder: Path, *, rpc: str | None, port: int, model: bool, model_name: str | None, seed: int
) -> AsyncIterator[Stage]:
    """Boot a devnet (or join the one at ``rpc``), make the bot in ``folder``, open its agent; end all of it."""
    async with contextlib.AsyncExitStack() as stack:
        world, endpoint, registry = await _world(stack, rpc, port)
        await asyncio.to_thread(_prepare, world, scenario, seed)
        bot = await asyncio.to_thread(lambda: make_bot(folder, scenario, world, endpoint, registry, model=model_name))
        configuration = read_configuration(bot.configuration)
        book = read_bundle(bot, configuration).book
        planner = SwitchedPlanner()
        stack.push_async_callback(until_ended, bot)
        agent = await stack.enter_async_context(Agent.open(bot, model=model, planner=planner))
        contexts = await stack.enter_async_context(open_contexts(bot, agent.guard))
        chain_id = configuration.chain.id
        strangers = {name: stranger(name) for name in scenario.world.strangers}
        holders = {TREASURY: configuration.wallet.address, **book.section("payees", chain_id), **strangers}
        assets = {NATIVE: (NATIVE, 18)} | {
            token.label: (token.address, token.decimals) for token in book.tokens(chain_id)
        }
        _check_names(scenario, holders, assets)
        yield Stage(
            scenario, seed, world, endpoint, bot, configuration, agent, contexts, planner, book, holders, assets,
            models=model,
            armed={trigger.id: True for trigger in configuration.trigger},
        )  # fmt: skip


def _check_names(scenario: Scenario, holders: Mapping[str, str], assets: Mapping[str, tuple[str, int]]) -> None:
    """Raise InvalidScenario where an expectation names whom or what the world does not have."""
    for expect in (*(step.expect for step in scenario.steps), scenario.expect):
        for key in (*expect.balances, *expect.changes):
            who, _, asset = key.partition(" ")
            if who not in holders or asset not in assets:
                known = f"{', '.join(holders)}, with one of {', '.join(assets)}"
                raise InvalidScenario(f"{key!r} is nobody's balance here, as in alice usdc; known are {known}")
        for asset in expect.weights.of if expect.weights is not None else ():
            if asset not in assets:
                raise InvalidScenario(f"{asset} is no asset here: known are {', '.join(assets)}")


def stranger(name: str) -> str:
    """An address that nobody has a key of."""
    return checksum("0x" + keccak(text=f"stranger {name}")[-20:].hex())


async def _world(stack: contextlib.AsyncExitStack, rpc: str | None, port: int) -> tuple[World, str, Path]:
    if rpc is None:
        devnet = await stack.enter_async_context(await Devnet.start_async(port))
        return devnet.world, devnet.rpc, devnet.registry
    from ..devnet.background import running

    for one in running():
        if one.rpc.rstrip("/") == rpc.rstrip("/").replace("localhost", "127.0.0.1"):
            registry = Path(one.registry)
            text = await asyncio.to_thread(registry.read_text, encoding="utf-8")
            world = World(Rpc(one.rpc), json.loads(text))
            stack.callback(world.rpc.close)
            return world, one.rpc, registry
    raise TreasurerError(f"no devnet of ours runs at {rpc}", next_command="treasurer devnet up")


def _prepare(world: World, scenario: Scenario, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - which price is drawn is no secret
    for asset, price in scenario.world.prices.items():
        if isinstance(price, tuple):
            low, high = sorted(price)
            price = (low + (high - low) * draw.randrange(10_001) / 10_000).quantize(Decimal("0.01"))  # noqa: PLW2901
        world.set_price(asset, price)
    if scenario.world.time is not None:
        hour, minute = (int(part) for part in scenario.world.time.split(":"))
        now = world.rpc.time_seconds()
        world.advance((hour * 3600 + minute * 60 - now) % 86_400 or 86_400)
