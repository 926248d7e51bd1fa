"""guard_simulated: read the facts of a swap on a real devnet and judge it, beside a bare eth_simulateV1 of its calls.

The swap is one that the preset allows: approve the pinned router exactly, then sell 100 USDC for WETH. Ours is what the
guard does for it: the newest block, one simulation with every read in it, the proxies' slots, prices, and the verdict.
The peer is one request through web3, which tells neither prices nor balances nor whether the code is what was pinned.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from eth_utils.crypto import keccak
from harness import Contest, Figure
from ruamel.yaml import YAML

from treasurer.agent.context import ToolContext
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.observation.observe import observe
from treasurer.policies.proposal import Proposal
from treasurer.runtime.bot.creation import book_text, preset
from treasurer.scenarios.devnet import Devnet
from treasurer.tools import Catalog
from treasurer.tools.standard import STANDARD_TOOLS
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.registry import Registry, read_registry
from treasurer.wallets.values import to_hex

OWNER = "0x" + "0f" * 20


@contextmanager
def contest() -> Iterator[Contest]:
    """A devnet of its own, a funded account, and the swap as the tool builds it."""
    from web3 import HTTPProvider, Web3

    with Devnet.start() as devnet, asyncio.Runner() as runner:
        account = devnet.accounts[0].lower()
        devnet.world.fund(account, native=10, tokens={"usdc": 50_000})
        registry = read_registry(devnet.registry)
        chain = runner.run(ChainClient([devnet.rpc], devnet.chain_id).open())
        try:
            book = runner.run(_pinned(chain, book_text(registry, OWNER, devnet=True)))
            bundle = PolicyBundle.from_bytes(preset("conservative").encode(), book)
            proposal = runner.run(_swap(chain, bundle, registry, account))
            provider = Web3(HTTPProvider(devnet.rpc)).provider
            yield Contest(
                ours=lambda: runner.run(_judged_ms(chain, bundle, proposal)),
                peer=lambda: _simulated_ms(provider, proposal),
            )
        finally:
            runner.run(chain.aclose())


async def _pinned(chain: ChainClient, book: str) -> bytes:
    """The book with the code of its tokens pinned, as its venues' is."""
    written = YAML(typ="safe").load(book)
    for entry in written["tokens"].values():
        entry["code_hash"] = to_hex(keccak(await chain.code(entry["address"].lower())))
    return json.dumps(written).encode()


async def _swap(chain: ChainClient, bundle: PolicyBundle, registry: Registry, account: str) -> Proposal:
    context = await ToolContext.open(chain, bundle.book, registry, account=account, bot="bench", run="bench", step=0)
    tool = Catalog.of(STANDARD_TOOLS, context.handles).tool("swap")
    built = await tool.run(context, tool.call(sell="100 usdc", buy="weth"))
    assert isinstance(built, Proposal)
    return built


async def _judged_ms(chain: ChainClient, bundle: PolicyBundle, proposal: Proposal) -> float:
    quote = await chain.fees()
    started = time.perf_counter()
    facts = await observe(chain, bundle.book, proposal, at=datetime.now(UTC), quote=quote)
    verdict = judge(bundle.policy, bundle.book, proposal, facts)
    taken = time.perf_counter() - started
    if verdict.decision != "allow":
        raise RuntimeError(f"the swap is not allowed: {[reason.message for reason in verdict.reasons]}")
    return taken * 1e3


def _simulated_ms(provider: Any, proposal: Proposal) -> float:
    calls = [
        {"from": proposal.account, "to": call.to, "value": hex(call.value), "data": to_hex(call.data)}
        for call in proposal.calls
    ]
    payload = {"blockStateCalls": [{"calls": calls}], "traceTransfers": True, "validation": False}
    started = time.perf_counter()
    answer = provider.make_request("eth_simulateV1", [payload, "latest"])
    taken = time.perf_counter() - started
    states = [call["status"] for block in answer["result"] for call in block["calls"]]
    if states != ["0x1"] * len(calls):
        raise RuntimeError(f"the calls fail in the simulation: {answer}")
    return taken * 1e3


FIGURE = Figure(unit="ms", pairs=200, seconds=40, contest=contest)
