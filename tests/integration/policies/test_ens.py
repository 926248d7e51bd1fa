"""A name of the book is asked of the real registry and its resolver in the one request, and decides what passes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from treasurer.policies.facts import Facts
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.observation.observe import observe
from treasurer.policies.proposal import Proposal
from treasurer.policies.verdict import Verdict
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.deploy.deployer import ADMIN
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.ens import namehash

ALICE = "0x" + "a1" * 20
COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"
MALLORY = "0x" + "66" * 20
POLICY = b"version: 1\nname: t\nchains: [31337]\nrules:\n  - {id: pay, allow: [transfer, approval]}\n"
Propose = Callable[..., Proposal]
Decide = Callable[..., Awaitable[tuple[Facts, Verdict]]]


def written_book(devnet: Devnet, ens: str = "alice.eth", more: str = "") -> str:
    token = devnet.addresses()["tokens"]["usdc"]["address"]
    return (
        f'version: 1\npayees:\n  alice: {{address: "{ALICE}", chains: [31337], ens: {ens}}}\n'
        f'  bob: {{address: "{MALLORY}", chains: [31337]}}\n'
        f'tokens:\n  usdc: {{address: "{token}", chains: [31337], decimals: 6}}\n{more}'
    )


@pytest.fixture
def owner(chain: Devnet) -> str:
    """Who owns the names here: an account that anvil signs for."""
    return chain.accounts[4]


def register(chain: Devnet, owner: str, address: str) -> None:
    """alice.eth belongs to ``owner`` and says ``address``."""
    chain.world.name("alice.eth", owner)
    point(chain, owner, address)


def point(chain: Devnet, owner: str, address: str) -> None:
    resolver = chain.addresses()["contracts"]["ens-resolver"]["address"]
    chain.world.rpc.send(owner, resolver, "setAddr(bytes32,address)", namehash("alice.eth"), address)


@pytest.fixture
def pay(chain: Devnet, client: ChainClient, propose: Propose, at: datetime) -> Decide:
    async def decide(to: str = ALICE, ens: str = "alice.eth", more: str = "") -> tuple[Facts, Verdict]:
        bundle = PolicyBundle.from_bytes(POLICY, written_book(chain, ens, more).encode())
        token = chain.addresses()["tokens"]["usdc"]["address"].lower()
        proposal = propose(Call.encode(token, "transfer(address,uint256)", to, 5))
        facts = await observe(client, bundle.book, proposal, at=at)
        return facts, judge(bundle.policy, bundle.book, proposal, facts)

    return decide


async def test_a_name_that_resolves_to_its_entry_passes_and_a_repointed_one_does_not(
    chain: Devnet, owner: str, pay: Decide
) -> None:
    register(chain, owner, ALICE)
    facts, verdict = await pay()
    assert facts.ens == {"alice.eth": ALICE}
    assert verdict.decision == "allow"

    point(chain, owner, MALLORY)
    facts, verdict = await pay()
    assert facts.ens == {"alice.eth": MALLORY}
    assert verdict.decision == "deny"
    assert [reason.rule for reason in verdict.reasons] == ["ens"]


async def test_a_name_that_nobody_has_resolves_to_nothing(chain: Devnet, owner: str, pay: Decide) -> None:
    assert (await pay())[0].ens == {"alice.eth": None}
    register(chain, owner, ALICE)
    point(chain, owner, "0x" + "00" * 20)
    facts, verdict = await pay()
    assert facts.ens == {"alice.eth": None}
    assert "resolves to nothing" in verdict.reasons[0].message


async def test_a_name_below_one_that_has_a_resolver_is_unknown_it_may_be_a_wildcard(
    chain: Devnet, owner: str, pay: Decide
) -> None:
    register(chain, owner, ALICE)
    facts, verdict = await pay(ens="pay.alice.eth")
    assert facts.ens == {}
    assert verdict.decision == "deny"
    assert "it is unknown what pay.alice.eth resolves to" in verdict.reasons[0].message


async def test_a_resolver_that_is_none_leaves_the_name_unknown(chain: Devnet, owner: str, pay: Decide) -> None:
    """It reverts where it is asked, as one does that sends the question elsewhere (EIP-3668), or has no code."""
    register(chain, owner, ALICE)
    registry = chain.addresses()["contracts"]["ens-registry"]["address"]
    for resolver in (chain.addresses()["tokens"]["usdc"]["address"], MALLORY):
        chain.world.rpc.send(owner, registry, "setResolver(bytes32,address)", namehash("alice.eth"), resolver)
        facts, verdict = await pay()
        assert facts.ens == {}
        assert verdict.decision == "deny"


async def test_only_names_of_what_the_proposal_deals_with_are_asked(chain: Devnet, owner: str, pay: Decide) -> None:
    facts, verdict = await pay(to=MALLORY)
    assert facts.ens == {}
    assert verdict.decision == "allow"


async def test_the_book_may_say_where_the_registry_lies(chain: Devnet, owner: str, pay: Decide) -> None:
    register(chain, owner, ALICE)
    address = chain.addresses()["contracts"]["ens-registry"]["address"]
    venue = 'venues:\n  names: {{address: "{}", chains: [31337], kind: ens-registry}}\n'
    assert (await pay(more=venue.format(address)))[0].ens == {"alice.eth": ALICE}
    facts, verdict = await pay(more=venue.format(ADMIN))
    assert facts.ens == {}
    assert verdict.decision == "deny"


def test_policy_check_asks_the_chain_for_names(chain: Devnet, owner: str, tmp_path: Path) -> None:
    register(chain, owner, ALICE)
    (tmp_path / "policy.yaml").write_bytes(POLICY)
    (tmp_path / "book.yaml").write_text(written_book(chain))
    token = chain.addresses()["tokens"]["usdc"]["address"].lower()
    account = chain.accounts[0].lower()
    chain.world.fund(account, tokens={"usdc": 100})
    call = {"to": token, "data": "0x" + Call.encode(token, "transfer(address,uint256)", ALICE, 5).data.hex()}
    line = json.dumps({"id": "a", "at": "2026-11-24T00:00:00Z", "chain_id": 31337, "from": account, "calls": [call]})

    def check() -> dict[str, object]:
        words = ["policy", "check", "--policy", str(tmp_path / "policy.yaml"), "--book", str(tmp_path / "book.yaml")]
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *words, "--rpc", chain.rpc],
            input=line, capture_output=True, timeout=60, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    assert check()["verdict"] == "allow"
    point(chain, owner, MALLORY)
    answer = check()
    assert answer["verdict"] == "deny"
    assert "alice.eth resolves to" in str(answer["reasons"])
