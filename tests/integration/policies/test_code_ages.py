"""The age of a contract's code is read of the chain's past, and only where a rule asks for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.facts import Facts
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.observation.observe import observe
from treasurer.policies.observation.reads.ages import CodeHistory
from treasurer.policies.observation.reads.block_search import MOST_HEADERS
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.errors import RpcRefused

ALICE = "0x" + "a1" * 20
DAY = 86_400
COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"
AGED = "{id: pay, allow: transfer, when: {target: {label: usdc, age: {min: 7d}}}}"
Propose = Callable[..., Proposal]


class Counting(ChainClient):
    """A client that says what was asked."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.asked: list[str] = []

    async def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        self.asked.append(method)
        return await super().request(method, params)

    async def batch(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        self.asked += [method for method, _ in asked]
        return await super().batch(asked)


def bundle(chain: Devnet, *rules: str) -> PolicyBundle:
    tokens = chain.addresses()["tokens"]
    book = f'version: 1\npayees:\n  alice: {{address: "{ALICE}", chains: [31337]}}\ntokens:\n'
    for label in ("usdc", "weth"):
        book += f'  {label}: {{address: "{tokens[label]["address"]}", chains: [31337], decimals: 6}}\n'
    text = "version: 1\nname: t\nchains: [31337]\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules)
    return PolicyBundle.from_bytes(text.encode(), book.encode())


@pytest.fixture
def usdc(chain: Devnet) -> str:
    address: str = chain.addresses()["tokens"]["usdc"]["address"].lower()
    return address


@pytest.fixture
def payment(usdc: str, propose: Propose) -> Proposal:
    return propose(Call.encode(usdc, "transfer(address,uint256)", ALICE, 5))


@pytest.fixture
async def counting(chain: Devnet) -> Any:
    async with Counting([chain.rpc], chain.chain_id) as client:
        yield client


async def told(client: ChainClient, policy: PolicyBundle, payment: Proposal, history: CodeHistory) -> Facts:
    at = datetime.fromtimestamp((await client.block()).timestamp, UTC)
    facts = await observe(client, policy.book, payment, at=at)
    found = await history.complete(facts, policy.policy, policy.book, payment)
    assert Facts.model_validate_json(found.model_dump_json()) == found
    return found


def decision(policy: PolicyBundle, payment: Proposal, facts: Facts) -> str:
    return judge(policy.policy, policy.book, payment, facts).decision


def pass_time(chain: Devnet, days: int, blocks: int = 20) -> None:
    """So many days, in blocks that come evenly."""
    rpc = chain.world.rpc
    for _ in range(blocks):
        rpc.request("evm_increaseTime", days * DAY // blocks)
        rpc.request("evm_mine")


async def test_code_that_was_there_for_so_long_passes(
    chain: Devnet, counting: Counting, usdc: str, payment: Proposal
) -> None:
    policy, history = bundle(chain, AGED), CodeHistory(counting)
    young = await told(counting, policy, payment, history)
    assert decision(policy, payment, young) == "deny"

    pass_time(chain, days=10, blocks=40)
    facts = await told(counting, policy, payment, history)
    assert facts.block is not None
    assert 7 * DAY <= facts.block.timestamp - facts.code_since[usdc] <= 7.5 * DAY
    assert decision(policy, payment, facts) == "allow"


async def test_code_that_changed_since_is_young_and_one_that_comes_back_is_not_the_same_for_so_long(
    chain: Devnet, counting: Counting, usdc: str, payment: Proposal
) -> None:
    rules = bundle(chain, AGED, "{id: days, allow: transfer, when: {target: {age: {min: 2d}}}}")
    pass_time(chain, days=10)
    code = chain.world.rpc.request("eth_getCode", usdc, "latest")
    chain.world.rpc.request("anvil_setCode", usdc, code + "00")
    pass_time(chain, days=1)
    facts = await told(counting, rules, payment, CodeHistory(counting))
    assert facts.block is not None
    assert facts.code_since == {usdc: facts.block.timestamp}
    assert decision(rules, payment, facts) == "deny"

    pass_time(chain, days=3)
    facts = await told(counting, rules, payment, CodeHistory(counting))
    assert facts.block is not None
    assert 2 * DAY <= facts.block.timestamp - facts.code_since[usdc] <= 4 * DAY
    verdict = judge(rules.policy, rules.book, payment, facts)
    assert verdict.decision == "allow"
    assert [reason.rule for reason in verdict.reasons] == ["days"]


async def test_a_proxy_is_as_old_as_what_is_behind_it(
    chain: Devnet, counting: Counting, usdc: str, payment: Proposal
) -> None:
    policy = bundle(chain, AGED)
    pass_time(chain, days=10)
    slot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
    behind = "0x" + chain.addresses()["tokens"]["weth"]["address"].lower()[2:].rjust(64, "0")
    chain.world.rpc.request("anvil_setStorageAt", usdc, slot, behind)
    chain.world.rpc.request("evm_mine")
    facts = await told(counting, policy, payment, CodeHistory(counting))
    assert usdc in facts.implementations
    assert facts.block is not None
    assert facts.code_since == {usdc: facts.block.timestamp}
    pass_time(chain, days=8)
    facts = await told(counting, policy, payment, CodeHistory(counting))
    assert decision(policy, payment, facts) == "allow"


async def test_the_search_is_bounded_and_its_block_is_used_again(
    chain: Devnet, counting: Counting, usdc: str, payment: Proposal
) -> None:
    policy, history = bundle(chain, AGED), CodeHistory(counting)
    chain.world.rpc.request("anvil_mine", hex(60), hex(7))
    pass_time(chain, days=9, blocks=5)
    chain.world.rpc.request("anvil_mine", hex(300), hex(1))
    counting.asked.clear()
    facts = await told(counting, policy, payment, history)
    assert facts.block is not None
    assert facts.code_since[usdc] <= facts.block.timestamp - 7 * DAY
    assert 1 < counting.asked.count("eth_getBlockByNumber") <= MOST_HEADERS + 3

    counting.asked.clear()
    again = await told(counting, policy, payment, history)
    assert again.code_since == facts.code_since
    assert counting.asked.count("eth_getCode") == 0
    assert counting.asked.count("eth_getBlockByNumber") <= 2


async def test_nothing_is_asked_where_no_rule_asks(chain: Devnet, counting: Counting, payment: Proposal) -> None:
    for rule in (
        "{id: pay, allow: transfer, when: {target: {label: usdc}}}",
        "{id: lend, allow: supply, when: {target: {label: usdc, age: {min: 7d}}}}",
    ):
        policy = bundle(chain, rule)
        facts = await observe(
            counting, policy.book, payment, at=datetime.fromtimestamp((await counting.block()).timestamp, UTC)
        )
        counting.asked.clear()
        assert await CodeHistory(counting).complete(facts, policy.policy, policy.book, payment) == facts
        assert counting.asked == []
    assert bundle(chain, AGED).policy.longest_target_age() == 7 * DAY
    assert bundle(chain, "{id: pay, allow: transfer}").policy.longest_target_age() == 0


async def test_what_the_node_no_longer_has_is_unknown(
    chain: Devnet, counting: Counting, usdc: str, payment: Proposal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that keeps no archive refuses states of the past; anvil keeps them all, so its refusal is put in."""
    policy = bundle(chain, AGED)
    pass_time(chain, days=10)
    batch = counting.batch

    async def refuse(asked: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        found = await batch(asked)
        past = [method == "eth_getCode" for method, _ in asked]
        refusal = RpcRefused("missing trie node", code=-32000)
        return [refusal if gone else item for gone, item in zip(past, found, strict=True)]

    at = datetime.fromtimestamp((await counting.block()).timestamp, UTC)
    facts = await observe(counting, policy.book, payment, at=at)
    monkeypatch.setattr(counting, "batch", refuse)
    found = await CodeHistory(counting).complete(facts, policy.policy, policy.book, payment)
    assert found.code_since == {}
    assert decision(policy, payment, found) == "deny"


async def test_what_has_no_code_has_no_age(chain: Devnet, counting: Counting, usdc: str, payment: Proposal) -> None:
    """What may be put there tomorrow was not there last week."""
    policy = bundle(chain, AGED)
    chain.world.rpc.request("anvil_setCode", usdc, "0x")
    pass_time(chain, days=10)
    facts = await told(counting, policy, payment, CodeHistory(counting))
    assert facts.code_since == {}


def test_policy_check_asks_the_chain_for_ages(chain: Devnet, usdc: str, tmp_path: Path) -> None:
    policy = bundle(chain, AGED)
    (tmp_path / "policy.yaml").write_bytes(policy.policy_bytes)
    (tmp_path / "book.yaml").write_bytes(policy.book_bytes)
    account = chain.accounts[0].lower()
    chain.world.fund(account, tokens={"usdc": 100})
    call = {"to": usdc, "data": "0x" + Call.encode(usdc, "transfer(address,uint256)", ALICE, 5).data.hex()}

    def check() -> str:
        at = datetime.fromtimestamp(chain.world.rpc.time_seconds(), UTC).isoformat()
        line = json.dumps({"id": "a", "at": at, "chain_id": 31337, "from": account, "calls": [call]})
        words = ["policy", "check", "--policy", "policy.yaml", "--book", "book.yaml", "--rpc", chain.rpc]
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *words],
            input=line, cwd=tmp_path, capture_output=True, timeout=60, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answer: str = json.loads(done.stdout)["verdict"]
        return answer

    assert check() == "deny"
    pass_time(chain, days=10)
    assert check() == "allow"
