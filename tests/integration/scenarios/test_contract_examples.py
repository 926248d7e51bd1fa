"""The two examples of the Python API, as people would write them, on a vault of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import vyper

from treasurer import Agent, Amount, Call, Claim, Context, Payee, Proposal, tool
from treasurer.scenarios.devnet.deploy.deployer import ADMIN
from treasurer.scenarios.testing import ALICE, USDC, ScriptedEngine, TestedDevnet, devnet

__all__ = ["devnet"]

VAULT = """
# pragma version 0.4.3
interface Token:
    def transfer(to: address, amount: uint256) -> bool: nonpayable

token: Token
deposits: HashMap[address, uint256]

@deploy
def __init__(token: address):
    self.token = Token(token)

@external
def credit(account: address, amount: uint256):
    self.deposits[account] += amount

@external
def donate(to: address, amount: uint256):
    self.deposits[msg.sender] -= amount
    assert extcall self.token.transfer(to, amount)
"""
DONATE = "donate(address,uint256)"
DECLARED = {DONATE: {"effect": "transfer", "asset": "usdc", "to": 0, "amount": 1}}


@tool(effect="propose")
async def donate(ctx: Context, to: Payee, amount: Amount) -> Proposal:
    """Donate to a payee."""
    call = Call.encode(ctx.book["vault"], "donate(address,uint256)", to.address, amount.base_units)
    return ctx.propose([call], claims=[Claim.transfer(amount, to)])


@pytest.fixture
def vault(devnet: TestedDevnet) -> str:
    """A deployed vault with 100 usdc."""
    usdc = devnet.addresses()["tokens"]["usdc"]["address"]
    code = vyper.compile_code(VAULT, output_formats=["bytecode"])["bytecode"] + usdc[2:].rjust(64, "0")
    receipt = devnet.world.rpc.transact({"from": ADMIN, "data": code})
    devnet.world.fund(receipt["contractAddress"], tokens={"usdc": 100})
    return str(receipt["contractAddress"])


Credit = Callable[[str, int], None]


@pytest.fixture
def credit(devnet: TestedDevnet, vault: str) -> Credit:
    """Gives an account so many base units of what lies in the vault."""
    return lambda account, amount: (
        devnet.world.rpc.send(ADMIN, vault, "credit(address,uint256)", account, amount) and None
    )


def _book(vault: str, functions: object = DECLARED) -> dict[str, dict[str, dict[str, object]]]:
    return {"venues": {"vault": {"address": vault, "chains": [31337], "kind": "own", "functions": functions}}}


async def test_donate(devnet: TestedDevnet, vault: str, credit: Credit) -> None:
    agent = devnet.agent(
        engine=ScriptedEngine([donate.call(to="alice", amount="5")]), tools=[donate], book=_book(vault)
    )
    credit(_account(agent.bot.root), 5 * USDC)
    before = devnet.world.balance(ALICE, "usdc")
    run = await agent.run("...")
    assert run.verdicts == ["allow"]
    assert run.outcome == "finished"
    assert devnet.world.balance(ALICE, "usdc") - before == 5 * USDC


async def test_the_agent_streams_what_it_does_and_the_guard_checks_a_proposal(
    devnet: TestedDevnet, vault: str, credit: Credit
) -> None:
    bot = devnet.agent(book=_book(vault)).bot.root
    credit(_account(bot), 5 * USDC)
    kinds = []
    async with Agent.open(bot, tools=[donate], model=False) as agent:
        async for event in agent.stream("donate 5 usdc to alice"):
            kinds.append(event.kind)
        context = await agent.context("by hand", 0)
        proposal = await donate(
            context, context.handles.payee("alice"), Amount(context.handles.token("usdc"), 2000 * USDC)
        )
        verdict = await agent.guard.check(proposal)
        graph = agent.graph()
    assert kinds == ["proposed", "judged", "included", "ended"]
    assert verdict["verdict"] == "deny", "the vault does not hold that much"
    assert "perceive" in graph.nodes


async def test_what_the_book_does_not_declare_is_denied(devnet: TestedDevnet, vault: str, credit: Credit) -> None:
    agent = devnet.agent(
        engine=ScriptedEngine([donate.call(to="alice", amount="5 usdc")]), tools=[donate], book=_book(vault, {})
    )
    credit(_account(agent.bot.root), 5 * USDC)
    run = await agent.run("...")
    assert run.verdicts == ["deny"]
    assert any("selector" in reason for reason in run.reasons)


async def test_a_declaration_that_lies_is_found_by_the_claims(devnet: TestedDevnet, vault: str) -> None:
    agent = devnet.agent(
        engine=ScriptedEngine([donate.call(to="alice", amount="5 usdc")]), tools=[donate],
        book=_book(vault, {DONATE: {"effect": "call"}}),
    )  # fmt: skip
    run = await agent.run("...")
    assert run.verdicts == ["deny"]
    assert any(reason.startswith("claims:") for reason in run.reasons)


def _account(root: Path) -> str:
    from treasurer.runtime.configuration import read_configuration

    return read_configuration(root / "treasurer.toml").wallet.address
