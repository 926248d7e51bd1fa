"""guard_simulated: read the facts of a swap on a real devnet and judge it, beside a bare eth_simulateV1 of its calls.

The swap is one that the preset allows: approve the router exactly, then sell 100 USDC for WETH. Ours is what the guard
does for it: one request with the newest block, the simulation with every read in it and the proxies' slots; prices,
and the verdict. The peer is one request through web3, which tells neither prices nor balances nor whether the code is
what was pinned. `guard_simulated_unpinned` is the same where the book pins no code, so that the calls are simulated
twice; `guard_simulated_reserved` is the whole decision, beside the peer's request and a bare commit of one row.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak
from harness import Contest, Figure
from ruamel.yaml import YAML

from treasurer.agent.context import ToolContext
from treasurer.policies.budget.ledger import Ledger
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.observation.observe import observe
from treasurer.policies.proposal import Proposal
from treasurer.policies.verdict import Verdict
from treasurer.runtime.bot.creation import book_text, preset
from treasurer.runtime.guard.database import Database
from treasurer.scenarios.devnet import Devnet
from treasurer.tools import Catalog
from treasurer.tools.standard import STANDARD_TOOLS
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.registry import Registry, read_registry
from treasurer.wallets.values import to_hex

OWNER = "0x" + "0f" * 20


@dataclass(frozen=True)
class Swap:
    """A proposal, the chain it is for, and the rules that allow it."""

    runner: asyncio.Runner
    chain: ChainClient
    bundle: PolicyBundle
    proposal: Proposal
    provider: Any
    """web3's, of the same node."""


@contextmanager
def prepared(*, pinned: bool) -> Iterator[Swap]:
    """A devnet of its own, a funded account, and the swap as the tool builds it."""
    from web3 import HTTPProvider, Web3

    with Devnet.start() as devnet, asyncio.Runner() as runner:
        account = devnet.accounts[0].lower()
        devnet.world.fund(account, native=10, tokens={"usdc": 50_000})
        registry = read_registry(devnet.registry)
        chain = runner.run(ChainClient([devnet.rpc], devnet.chain_id).open())
        try:
            book = runner.run(_book(chain, book_text(registry, OWNER, devnet=True), pinned=pinned))
            bundle = PolicyBundle.from_bytes(preset("conservative").encode(), book)
            proposal = runner.run(_swap(chain, bundle, registry, account))
            yield Swap(runner, chain, bundle, proposal, Web3(HTTPProvider(devnet.rpc)).provider)
        finally:
            runner.run(chain.aclose())


async def _book(chain: ChainClient, text: str, *, pinned: bool) -> bytes:
    """The book with the code of every token and venue pinned, or of none."""
    book = YAML(typ="safe").load(text)
    for entry in (*book["tokens"].values(), *book["venues"].values()):
        if pinned:
            entry["code_hash"] = to_hex(keccak(await chain.code(entry["address"].lower())))
        else:
            for pin in ("code_hash", "implementation", "implementation_hash"):
                entry.pop(pin, None)
    return json.dumps(book).encode()


async def _swap(chain: ChainClient, bundle: PolicyBundle, registry: Registry, account: str) -> Proposal:
    context = await ToolContext.open(chain, bundle.book, registry, account=account, bot="bench", run="bench", step=0)
    tool = Catalog.of(STANDARD_TOOLS, context.handles).tool("swap")
    built = await tool.run(context, tool.call(sell="100 usdc", buy="weth"))
    assert isinstance(built, Proposal)
    return built


@contextmanager
def simulated(*, pinned: bool) -> Iterator[Contest]:
    """Facts and verdict, beside the bare request."""
    with prepared(pinned=pinned) as swap:
        yield Contest(ours=lambda: swap.runner.run(_judged_ms(swap)), peer=lambda: _simulated_ms(swap))


@contextmanager
def reserved() -> Iterator[Contest]:
    """Facts, then windows, verdict and reservation in one transaction; beside the request and a row of its own."""
    with prepared(pinned=True) as swap, tempfile.TemporaryDirectory() as folder:
        ours, bare = Database(Path(folder) / "ours.db"), Database(Path(folder) / "bare.db")
        try:
            ledger = Ledger(ours.connection)
            ledger.create_tables()
            bare.connection.execute("CREATE TABLE rows (intent TEXT, amount TEXT)")
            intents = count()
            yield Contest(
                ours=lambda: swap.runner.run(_reserved_ms(swap, ours, ledger, f"intent {next(intents)}")),
                peer=lambda: _simulated_ms(swap, lambda: _commit_row(bare)),
            )
        finally:
            ours.close()
            bare.close()


async def _judged_ms(swap: Swap) -> float:
    quote = await swap.chain.fees()
    started = time.perf_counter()
    facts = await observe(swap.chain, swap.bundle.book, swap.proposal, at=datetime.now(UTC), quote=quote)
    verdict = judge(swap.bundle.policy, swap.bundle.book, swap.proposal, facts)
    taken = time.perf_counter() - started
    _must_allow(verdict)
    return taken * 1e3


async def _reserved_ms(swap: Swap, database: Database, ledger: Ledger, intent: str) -> float:
    quote, account = await swap.chain.fees(), swap.proposal.account
    started = time.perf_counter()
    facts = await observe(swap.chain, swap.bundle.book, swap.proposal, at=datetime.now(UTC), quote=quote)
    with database.transaction():
        spent = ledger.spent(account, now=facts.at)
        verdict = judge(swap.bundle.policy, swap.bundle.book, swap.proposal, facts.model_copy(update={"spent": spent}))
        ledger.reserve(account, intent, verdict.spent)
    taken = time.perf_counter() - started
    _must_allow(verdict)
    with database.transaction():
        ledger.release(intent)
    return taken * 1e3


def _must_allow(verdict: Verdict) -> None:
    if verdict.decision != "allow":
        raise RuntimeError(f"the swap is not allowed: {[reason.message for reason in verdict.reasons]}")


def _simulated_ms(swap: Swap, then: Callable[[], None] = lambda: None) -> float:
    calls = [
        {"from": swap.proposal.account, "to": call.to, "value": hex(call.value), "data": to_hex(call.data)}
        for call in swap.proposal.calls
    ]
    payload = {"blockStateCalls": [{"calls": calls}], "traceTransfers": True, "validation": False}
    started = time.perf_counter()
    answer = swap.provider.make_request("eth_simulateV1", [payload, "latest"])
    then()
    taken = time.perf_counter() - started
    states = [call["status"] for block in answer["result"] for call in block["calls"]]
    if states != ["0x1"] * len(calls):
        raise RuntimeError(f"the calls fail in the simulation: {answer}")
    return taken * 1e3


def _commit_row(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO rows VALUES (?, ?)", ("intent", "100000000"))


def _figure(contest: Callable[[], AbstractContextManager[Contest]]) -> Figure:
    return Figure(unit="ms", pairs=200, seconds=40, contest=contest)


FIGURES = {
    "guard_simulated": _figure(partial(simulated, pinned=True)),
    "guard_simulated_unpinned": _figure(partial(simulated, pinned=False)),
    "guard_simulated_reserved": _figure(reserved),
}
