"""Transactions of the wallet that this guard never cleared are seen, recorded, counted, and stop it (invariant 4)."""

from __future__ import annotations

import asyncio

from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.signers import open_keystore
from treasurer.wallets.transaction import Transaction
from treasurer.wallets.values import to_hex

from .conftest import Running

GWEI = 10**9


def _stolen(bot: BotFolder) -> PrivateKey:
    return open_keystore(bot.keystore, (bot.signer / "password").read_text().strip())


def _foreign(key: PrivateKey, nonce: int, *, tip: int = GWEI, wei: int = 10**18) -> str:
    """A signed transfer of native coin that no guard has seen."""
    transaction = Transaction(
        chain_id=31337, nonce=nonce, max_priority_fee_per_gas=tip, max_fee_per_gas=200 * GWEI, gas_limit=21_000,
        to=ALICE, value=wei,
    )  # fmt: skip
    signature = key.sign_hash(transaction.signing_hash())
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    return to_hex(transaction.signed_bytes(signature[64] - 27, r, s))


async def test_a_foreign_transaction_seen_while_idle_is_recorded_counted_and_stops(
    running: Running, chain: Devnet
) -> None:
    hashed = chain.world.rpc.request("eth_sendRawTransaction", _foreign(_stolen(running.folder), 0))
    chain.world.rpc.request("evm_mine")
    await running.tidy()
    [record] = running.state.log.records(kind="foreign_transaction")
    assert record.value()["body"] | {"why": ""} == {"nonce": 0, "hash": hashed, "why": ""}
    assert running.state.stopped
    [spent] = [
        row
        for row in running.state.ledger.spent(running.state.account, now=running.state.now())
        if row.counter == "outflow"
    ]
    assert spent.base_units == 10**18
    assert spent.usd is not None
    assert spent.usd > 1000
    await running.tidy()
    assert running.kinds().count("foreign_transaction") == 1
    assert running.kinds().count("stopped") == 1


async def test_a_clearing_sees_it_before_housekeeping_does(running: Running, chain: Devnet) -> None:
    raw = _foreign(_stolen(running.folder), 0)
    running.hooks["before clear"] = lambda: chain.world.rpc.request("eth_sendRawTransaction", raw)
    answer = await running.done(running.pay("10"))
    assert answer["state"] == "refused"
    assert "stopped" in answer["why"]
    chain.world.rpc.request("evm_mine")
    await running.tidy()
    assert running.kinds().count("foreign_transaction") == 1


async def test_a_nonce_that_was_taken_from_us_ends_the_intent_and_frees_its_budget(
    running: Running, chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    raw = _foreign(_stolen(running.folder), 0)
    running.hooks["checkpointed"] = lambda: chain.world.rpc.request("eth_sendRawTransaction", raw)
    proposal = running.pay("10")
    await running.submit(proposal)
    await asyncio.sleep(0.5)
    chain.world.rpc.request("evm_mine")
    await running.tidy()
    answer = await running.ask("wait", key=proposal.intent_key, seconds=5)
    assert answer["state"] == "replaced"
    assert chain.world.balance(ALICE, "usdc") == before
    assert running.state.stopped
    assert "foreign_transaction" in running.kinds()
    spent = running.state.ledger.spent(running.state.account, now=running.state.now())
    assert proposal.intent_key not in {row.intent for row in spent}
    assert {row.counter for row in spent} == {"outflow", "gas"}
