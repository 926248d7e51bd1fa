"""A contract that is honest in a simulation and a thief in a block: a policy that would allow its call denies it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files

import pytest
from eth_abi import encode

from treasurer.policies.facts import Facts, Fees
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.observation.observe import observe
from treasurer.policies.observation.simulation.second_look import NOT_REAL
from treasurer.policies.proposal import Proposal
from treasurer.policies.verdict import Verdict
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient, FeeQuote
from treasurer.wallets.values import NATIVE, UINT256_MAX, to_hex

from .conftest import written_book
from .test_simulators import WITHOUT, node_without

Propose = Callable[..., Proposal]
THIEF = "0x" + "66" * 20
CLAIM = "claim(address,uint256)"
POLICY = b"""
version: 1
name: trusting
chains: [31337]
rules:
  - {id: all, allow: [call, transfer, approval, swap]}
"""


async def deployed(client: ChainClient, devnet: Devnet, account: str) -> str:
    artifact = json.loads(files("treasurer.scenarios.redteam").joinpath("contracts/two_faced.json").read_text())
    data = artifact["bytecode"] + encode(["address"], [THIEF]).hex()
    receipt = devnet.world.rpc.transact({"from": devnet.accounts[1], "data": data})
    return str(receipt["contractAddress"]).lower()


def bundle_with(devnet: Devnet, contract: str, pin: str = "") -> PolicyBundle:
    code_hash = f', code_hash: "{pin}"' if pin else ""
    functions = f'functions: {{"{CLAIM}": {{effect: call}}}}'
    line = f'  claims: {{address: "{contract}", chains: [31337], kind: own{code_hash}, {functions}}}'
    return PolicyBundle.from_bytes(POLICY, written_book(devnet) + b"\n" + line.encode())


async def judged(
    client: ChainClient, bundle: PolicyBundle, proposal: Proposal, at: datetime, fees: Fees | None = None
) -> tuple[Facts, Verdict]:
    facts = await observe(client, bundle.book, proposal, at=at, fees=fees, quote=FeeQuote(10**9, 10**6))
    return facts, judge(bundle.policy, bundle.book, proposal, facts)


@pytest.fixture
async def two_faced(client: ChainClient, chain: Devnet, account: str) -> str:
    """Deployed, with an allowance that the account left open to it."""
    contract = await deployed(client, chain, account)
    usdc = chain.addresses()["tokens"]["usdc"]["address"]
    approve = Call.encode(usdc, "approve(address,uint256)", contract, UINT256_MAX)
    chain.world.rpc.transact({"from": chain.accounts[0], "to": usdc, "data": to_hex(approve.data)})
    chain.world.rpc.request("anvil_setCoinbase", "0x" + "c0" * 20)
    chain.world.rpc.request("evm_mine")
    return contract


@pytest.mark.parametrize("lacks", [*WITHOUT.values(), frozenset({"debug_traceCall"})])
async def test_a_contract_that_looks_whether_anybody_is_there_is_seen_through(
    chain: Devnet, client: ChainClient, two_faced: str, propose: Propose, at: datetime, lacks: frozenset[str]
) -> None:
    usdc = chain.addresses()["tokens"]["usdc"]["address"].lower()
    proposal = propose(Call.encode(two_faced, CLAIM, usdc, 700))
    bundle = bundle_with(chain, two_faced)
    async with node_without(chain.rpc, lacks) as proxy, ChainClient([proxy.endpoint], 31337) as opened:
        _, verdict = await judged(opened, bundle, proposal, at)
        assert verdict.decision == "deny", "with the gas of its honest face the other one fails"
        facts, verdict = await judged(opened, bundle, proposal, at, Fees(gas_limit=500_000, max_fee_per_gas=10**9))
    assert facts.simulation is not None
    assert verdict.decision == "deny"
    if lacks == WITHOUT["pyrevm"]:
        assert NOT_REAL in facts.simulation.failure
        return
    assert facts.simulation.succeeded
    assert facts.simulation.outflows == {usdc: 700}
    assert {reason.condition for reason in verdict.reasons} >= {"outflow"}


async def test_without_the_second_look_it_would_be_allowed(
    chain: Devnet, client: ChainClient, two_faced: str, propose: Propose, at: datetime
) -> None:
    """A pin is a person's word for the code, so pinned code is looked at once: this is what the second look is for."""
    from eth_utils.crypto import keccak

    usdc = chain.addresses()["tokens"]["usdc"]["address"].lower()
    pin = "0x" + keccak(await client.code(two_faced)).hex()
    bundle = bundle_with(chain, two_faced, pin)
    facts, verdict = await judged(client, bundle, propose(Call.encode(two_faced, CLAIM, usdc, 700)), at)
    assert facts.simulation is not None
    assert (facts.simulation.by, facts.simulation.again_by) == ("eth_simulateV1", "")
    assert verdict.decision == "allow"


async def test_it_really_steals(chain: Devnet, two_faced: str, account: str) -> None:
    usdc = chain.addresses()["tokens"]["usdc"]["address"]
    claim = Call.encode(two_faced, CLAIM, usdc, 700)
    chain.world.rpc.transact({"from": chain.accounts[0], "to": two_faced, "data": to_hex(claim.data)})
    assert chain.world.balance(THIEF, "usdc") == 700


async def test_what_is_honest_is_allowed_at_a_second_look(
    chain: Devnet, client: ChainClient, two_faced: str, propose: Propose, at: datetime, account: str
) -> None:
    """Tokens without a pin: a payment, a swap after its approval, coins to a plain account; fees are no outflow."""
    registry = chain.addresses()
    usdc, weth = (registry["tokens"][label]["address"].lower() for label in ("usdc", "weth"))
    router = registry["venues"]["uniswap-v3"]["address"].lower()
    swap = (usdc, weth, 500, account, 2_500_000_000, 9 * 10**17, 0)
    exact_input = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
    bundle = bundle_with(chain, two_faced)
    honest = (
        (Call.encode(usdc, "transfer(address,uint256)", "0x" + "a1" * 20, 5),),
        (
            Call.encode(usdc, "approve(address,uint256)", router, 2_500_000_000),
            Call.encode(router, exact_input, swap),
        ),
        (Call.encode(weth, "transfer(address,uint256)", "0x" + "a1" * 20, 5),),
    )
    for calls in honest:
        facts, verdict = await judged(client, bundle, propose(*calls), at)
        assert facts.simulation is not None
        assert facts.simulation.again_by == "debug_traceCall"
        assert facts.simulation.unexplained == ()
        assert NATIVE not in facts.simulation.outflows
        assert verdict.decision == "allow", [reason.message for reason in verdict.reasons]
    facts, verdict = await judged(client, bundle, propose(Call(to="0x" + "a1" * 20, value=1)), at)
    assert facts.simulation is not None
    assert facts.simulation.again_by == "", "a plain account runs no code"
    assert verdict.decision == "allow"


async def test_the_second_look_stays_within_the_proposals_time(
    chain: Devnet, client: ChainClient, two_faced: str, propose: Propose, at: datetime
) -> None:
    usdc = chain.addresses()["tokens"]["usdc"]["address"].lower()
    proposal = propose(Call.encode(usdc, "transfer(address,uint256)", "0x" + "a1" * 20, 5))
    late = proposal.model_copy(update={"expires_at": at + timedelta(seconds=2)})
    facts = await observe(client, bundle_with(chain, two_faced).book, late, at=at)
    assert facts.simulation is not None
    assert facts.simulation.succeeded
