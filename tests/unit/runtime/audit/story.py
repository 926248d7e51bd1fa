"""A bot's story, told honestly into a real log: real policy, real judgements, real signatures, real transactions.

Tests bend it in one place and ask the verifier. ``Guard`` does what the guard does, in the order in which it does it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from treasurer.policies.budget.ledger import Ledger
from treasurer.policies.facts import Block, Facts, Fees, Price, Simulated
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.proposal import Proposal
from treasurer.policies.verdict import Verdict
from treasurer.runtime.audit import AuditLog, did_pkh
from treasurer.wallets.call import Call
from treasurer.wallets.cid import cid_link
from treasurer.wallets.clearance import Clearance
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.orders import PolicyOrder
from treasurer.wallets.transaction import Transaction, transaction_hash
from treasurer.wallets.values import hash_words, to_hex

CHAIN = 31337
LOG_KEY, CLEARANCE_KEY, WALLET, ALICE, CAROL, OWNER = (PrivateKey(bytes([number]) * 32) for number in range(1, 7))
USDC = "0x" + "c0" * 20
PAYEE = "0x" + "a1" * 20
START = datetime(2026, 11, 23, 10, tzinfo=UTC)

POLICY = b"""\
version: 1
name: story
chains: [31337]
limits:
  - {id: day-out, counts: outflow, asset: usd, window: 24h, max: 5000}
rules:
  - id: pay
    allow: transfer
    when: {to: {book: payees}, asset: [usdc], usd: {max: 1000}}
  - id: pay-more
    escalate: transfer
    when: {to: {book: payees}, asset: [usdc], usd: {above: 1000}}
    approvals: {quorum: 1, of: [alice], expires: 1h}
"""


def book(usdc: str = USDC) -> bytes:
    """The book, with the token at an address."""
    return f"""\
version: 1
payees: {{shop: {{address: "{PAYEE}", chains: [31337]}}}}
tokens: {{usdc: {{address: "{usdc}", chains: [31337], decimals: 6}}}}
people:
  alice: {{address: "{ALICE.address}", may: [approve]}}
  carol: {{address: "{CAROL.address}", may: [stop]}}
""".encode()


class Clock:
    """A second passes at each look."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@dataclass
class Guard:
    """The guard's steps. ``bend`` sees each record's kind and body, and may return another body to append."""

    folder: Path
    bend: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda kind, body: body
    log_key: PrivateKey = LOG_KEY
    usdc: str = USDC
    nonce: int = 3
    block: int = 100
    checkpoints: bool = True
    max_fee: int = 2 * 10**9

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.bundle = PolicyBundle.from_bytes(POLICY, book(self.usdc))
        self.clock = self.make_clock()
        self.connection = sqlite3.connect(self.folder / "guard.db", isolation_level=None)
        self.connection.execute("PRAGMA synchronous = OFF")
        bot = did_pkh(CHAIN, self.log_key.address)
        blocks = self.folder / "blocks"
        self.log = AuditLog(self.connection, key=self.log_key, bot=bot, clock=self.clock, blocks=blocks)
        self.log.create_tables()
        self.ledger = Ledger(self.connection)
        self.ledger.create_tables()
        for cid, block in self.bundle.blocks().items():
            assert self.log.put_block(block, cid_link(cid)[1]) == cid
        opened = {
            "chain_id": CHAIN,
            "account": WALLET.address,
            "policy": cid_link(self.bundle.cid),
            "engine": "story",
            "log_key": self.log_key.address,
            "clearance_key": CLEARANCE_KEY.address,
            "nonce": self.nonce,
            "owners": [OWNER.address],
            "owners_version": 0,
            "policy_version": 1,
        }
        self.record("opened", opened | self.order(self.bundle.cid, 1))

    def order(self, policy_cid: str, version: int, owner: PrivateKey = OWNER) -> dict[str, Any]:
        """An owner's order for a policy: who signed, and the signature."""
        order = PolicyOrder(chain_id=CHAIN, account=WALLET.address, policy_cid=policy_cid, version=version)
        return {"by": owner.address, "signature": to_hex(owner.sign_hash(order.hash()))}

    def make_clock(self) -> Any:
        """The guard's clock."""
        return Clock()

    def newest(self) -> Block:
        """The block that is read."""
        return Block(
            number=self.block, hash=hash_words("block", self.block), timestamp=int(self.clock.time.timestamp())
        )

    def send(self, raw: bytes) -> dict[str, Any]:
        """Broadcast, and wait for the receipt."""
        self.block += 1
        where = {"block_number": self.block, "block_hash": hash_words("block", self.block)}
        return {**where, "status": 1, "gas_used": 50_000, "effective_gas_price": "1500000000"}

    def record(self, kind: str, body: dict[str, Any], run: str = "run") -> str:
        """Append one record in a transaction of its own."""
        self.connection.execute("BEGIN IMMEDIATE")
        cid = self.log.append(kind, run, self.bend(kind, body))
        self.connection.execute("COMMIT")
        return cid

    def proposal(self, usd: int, step: int, to: str = PAYEE) -> Proposal:
        """A payment of so many USDC."""
        return Proposal(
            chain_id=CHAIN,
            account=WALLET.address,
            calls=(Call.encode(self.usdc, "transfer(address,uint256)", to, usd * 10**6),),
            intent_key=hash_words("story", step),
            run="run",
            step=step,
            fee_ceiling=10**16,
            expires_at=self.clock.now() + timedelta(days=1),
        )

    def facts(self, proposal: Proposal) -> Facts:
        """What the guard read on the newest block."""
        moved = int.from_bytes(proposal.calls[0].data[-32:], "big")
        to = "0x" + proposal.calls[0].data[16:36].hex()
        at = self.clock.now()
        return Facts(
            at=at,
            block=self.newest(),
            prices={self.usdc: Price(usd=Decimal("1.0001")), "native": Price(usd=Decimal(2500))},
            balances={self.usdc: 10**12},
            simulation=Simulated(
                succeeded=True,
                gas_used=(50_000,),
                outflows={self.usdc: moved},
                recipients={f"{self.usdc}:{to}": moved},
            ),
            fees=Fees(gas_limit=65_000, max_fee_per_gas=self.max_fee),
            spent=self.ledger.spent(WALLET.address, now=at, without_intent=proposal.intent_key),
        )

    def submit(self, proposal: Proposal) -> Verdict:
        """Judge and record; the budget is taken where the answer is not no."""
        facts = self.facts(proposal)
        verdict = judge(self.bundle.policy, self.bundle.book, proposal, facts)
        digest = proposal.approvable(self.bundle.cid).digest()
        head = {"key": proposal.intent_key, "digest": digest, "proposal": proposal}
        self.record("proposed", head)
        policy = cid_link(self.bundle.cid)
        self.record("judged", {**head, "stage": "submit", "policy": policy, "facts": facts, "verdict": verdict})
        if verdict.decision != "deny":
            self.ledger.reserve(WALLET.address, proposal.intent_key, verdict.spent)
        return verdict

    def approve(self, proposal: Proposal, person: str = "alice", key: PrivateKey = ALICE) -> None:
        """A person signs the digest."""
        digest = proposal.approvable(self.bundle.cid).digest()
        signature = to_hex(key.sign_hash(digest))
        self.record("approved", {"digest": digest, "person": person, "address": key.address, "signature": signature})

    def execute(self, proposal: Proposal) -> str:
        """Clear, sign, record, checkpoint, "send", include; returns the transaction's hash."""
        facts = self.facts(proposal)
        verdict = judge(self.bundle.policy, self.bundle.book, proposal, facts)
        call = proposal.calls[0]
        block = facts.block.number if facts.block else 0
        transaction = Transaction(
            chain_id=CHAIN,
            nonce=self.nonce,
            max_priority_fee_per_gas=10**9,
            max_fee_per_gas=self.max_fee,
            gas_limit=65_000,
            to=call.to,
            value=call.value,
            data=call.data,
        )
        clearance = Clearance(
            kind="transaction",
            signing_hash=transaction.signing_hash(),
            digest=proposal.approvable(self.bundle.cid).digest(),
            chain_id=CHAIN,
            account=WALLET.address,
            nonce=self.nonce,
            judged_block=block,
            expires_block=block + 50,
            expires_at=int(facts.at.timestamp()) + 120,
            policy_cid=self.bundle.cid,
        ).sign(CLEARANCE_KEY)
        named = {"key": proposal.intent_key, "intent": f"{proposal.intent_key[2:14]}.0"}
        body = {"clearance": clearance, "transaction": transaction, "policy": cid_link(self.bundle.cid)}
        judged = {"proposal": proposal, "facts": facts, "verdict": verdict}
        self.record("cleared", {**named, **body, **judged})
        signature = WALLET.sign_hash(transaction.signing_hash())
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        raw = transaction.signed_bytes(signature[64] - 27, r, s)
        sent = transaction_hash(raw)
        names = {**named, "hash": sent}
        self.record(
            "broadcast", {**names, "signing_hash": clearance.signing_hash, "nonce": self.nonce, "raw_hash": sent}
        )
        if self.checkpoints:
            self.log.checkpoint()
        self.nonce += 1
        receipt = self.send(raw)
        self.record("included", {**names, **receipt})
        self.record("finalized", {**names, "block_number": receipt["block_number"]})
        self.ledger.settle(proposal.intent_key, self.clock.now())
        return sent

    def tell(self) -> None:
        """The whole story: a payment, one denied, one that Alice approves, one refused, a stop."""
        self.record("run_started", {"trigger": "chat", "asked_by": "alice"})
        self.record("said", {"person": "alice", "words": "pay the shop"})
        small = self.proposal(100, 1)
        assert self.submit(small).decision == "allow"
        self.execute(small)
        assert self.submit(self.proposal(50, 2, to="0x" + "bb" * 20)).decision == "deny"
        large = self.proposal(2000, 3)
        assert self.submit(large).decision == "escalate"
        self.approve(large)
        self.execute(large)
        other = self.proposal(1500, 4)
        assert self.submit(other).decision == "escalate"
        digest = other.approvable(self.bundle.cid).digest()
        self.record("refused", {"digest": digest, "person": "alice", "reason": "not now"})
        self.record("withdrawn", {"key": other.intent_key, "why": "alice refused"})
        self.ledger.release(other.intent_key)
        assert self.submit(self.proposal(4000, 5)).decision == "deny"
        self.record("stopped", {"by": "alice", "reason": "the day is over"})
