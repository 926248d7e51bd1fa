"""The verifier against a real node: what the log says happened is on the chain, and nothing else is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.facts import Block
from treasurer.runtime.audit import export
from treasurer.runtime.audit.verify import Report, verify
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.errors import ChainError
from treasurer.wallets.transaction import Transaction
from treasurer.wallets.values import to_hex

from ....unit.runtime.audit import story


@dataclass
class ChainClock:
    """The newest block's time, as on every devnet."""

    devnet: Devnet

    def now(self) -> datetime:
        block = self.devnet.world.rpc.request("eth_getBlockByNumber", "latest", False)
        return datetime.fromtimestamp(int(block["timestamp"], 16), UTC)


@dataclass
class GuardOnChain(story.Guard):
    """The same guard, on a real node."""

    devnet: Any = None

    def make_clock(self) -> ChainClock:
        return ChainClock(self.devnet)

    def newest(self) -> Block:
        block = self.devnet.world.rpc.request("eth_getBlockByNumber", "latest", False)
        return Block(number=int(block["number"], 16), hash=block["hash"], timestamp=int(block["timestamp"], 16))

    def send(self, raw: bytes) -> dict[str, Any]:
        rpc = self.devnet.world.rpc
        sent = rpc.request("eth_sendRawTransaction", to_hex(raw))
        while (receipt := rpc.request("eth_getTransactionReceipt", sent)) is None:
            time.sleep(0.01)
        return {
            "block_number": int(receipt["blockNumber"], 16),
            "block_hash": receipt["blockHash"],
            "status": int(receipt["status"], 16),
            "gas_used": int(receipt["gasUsed"], 16),
            "effective_gas_price": str(int(receipt["effectiveGasPrice"], 16)),
        }

    def send_unlogged(self) -> None:
        """The wallet's key signs something that the guard never saw."""
        transaction = Transaction(
            chain_id=31337,
            nonce=self.nonce,
            max_priority_fee_per_gas=10**9,
            max_fee_per_gas=self.max_fee,
            gas_limit=21_000,
            to=story.PAYEE,
            value=1,
        )
        signature = story.WALLET.sign_hash(transaction.signing_hash())
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        self.send(transaction.signed_bytes(signature[64] - 27, r, s))
        self.nonce += 1


@pytest.fixture
def guard(chain: Devnet, tmp_path: Path) -> GuardOnChain:
    chain.world.fund(story.WALLET.address, tokens={"usdc": 100_000})
    chain.world.rpc.request("anvil_setBalance", story.WALLET.address, hex(10**19))
    nonce = int(chain.world.rpc.request("eth_getTransactionCount", story.WALLET.address, "latest"), 16)
    usdc = chain.addresses()["tokens"]["usdc"]["address"].lower()
    return GuardOnChain(tmp_path / "bot", usdc=usdc, nonce=nonce, max_fee=10**11, devnet=chain)


def verified(guard: GuardOnChain, path: Path, rpc: str | None = None) -> Report:
    export(guard.log, path)
    return verify(path, rpc or guard.devnet.rpc)


def refutations(report: Report) -> list[str]:
    return [f"{item.claim}: {item.why}" for item in report.claims if item.result == "refuted"]


def test_an_honest_log_is_verified_whole(guard: GuardOnChain, tmp_path: Path) -> None:
    guard.tell()
    report = verified(guard, tmp_path / "out.car")
    assert refutations(report) == []
    assert report.count("unverifiable") == 0
    assert sum(item.claim.startswith("transaction 0x") for item in report.claims) == 2
    assert "all 2 transactions" in report.claims[-1].why


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("status", 0, "the log says status 0, the chain 1"),
        ("gas_used", 1, "gas used"),
        ("block_number", 1, "block number"),
        ("block_hash", "0x" + "12" * 32, "block hash"),
        ("effective_gas_price", "1", "gas price"),
    ],
)
def test_a_false_receipt_is_refuted(guard: GuardOnChain, tmp_path: Path, field: str, value: Any, why: str) -> None:
    guard.bend = lambda kind, body: {**body, field: value} if kind == "included" else body
    guard.tell()
    report = verified(guard, tmp_path / "out.car")
    assert any(item.startswith("transaction 0x") and why in item for item in refutations(report))


def test_what_was_never_sent_is_refuted(guard: GuardOnChain, tmp_path: Path) -> None:
    honest = story.Guard.send
    guard.send = lambda raw: honest(guard, raw)  # type: ignore[method-assign]
    guard.tell()
    report = verified(guard, tmp_path / "out.car")
    assert any("the chain lacks it" in item for item in refutations(report))


def test_an_unlogged_transaction_between_two_logged_ones_is_refuted(guard: GuardOnChain, tmp_path: Path) -> None:
    first = guard.nonce
    guard.submit(small := guard.proposal(10, 1))
    guard.execute(small)
    guard.send_unlogged()
    guard.submit(small := guard.proposal(10, 2))
    guard.execute(small)
    report = verified(guard, tmp_path / "out.car")
    assert f"nonces: nonce {first + 1} of the wallet has no record" in refutations(report)
    assert any("by a transaction that the log does not know" in item for item in refutations(report))


def test_an_unlogged_transaction_after_the_logged_ones_is_refuted(guard: GuardOnChain, tmp_path: Path) -> None:
    guard.submit(small := guard.proposal(10, 1))
    guard.execute(small)
    guard.send_unlogged()
    guard.devnet.world.rpc.request("evm_increaseTime", 60)
    guard.devnet.world.rpc.request("evm_mine")
    guard.record("stopped", {"by": "alice", "reason": "the day is over"})
    report = verified(guard, tmp_path / "out.car")
    assert any("before the log's newest record" in item for item in refutations(report))


def test_an_older_export_is_no_lie(guard: GuardOnChain, tmp_path: Path) -> None:
    guard.submit(small := guard.proposal(10, 1))
    guard.execute(small)
    export(guard.log, tmp_path / "older.car")
    guard.submit(small := guard.proposal(10, 2))
    guard.execute(small)
    report = verify(tmp_path / "older.car", guard.devnet.rpc)
    assert refutations(report) == []
    assert "ask for a newer one" in report.claims[-1].why


def test_no_node_is_not_ready(guard: GuardOnChain, tmp_path: Path) -> None:
    guard.tell()
    with pytest.raises(ChainError) as caught:
        verified(guard, tmp_path / "out.car", "http://127.0.0.1:9")
    assert caught.value.exit_status == 3
