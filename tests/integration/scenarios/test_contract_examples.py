"""The two examples of the Python API, as people would write them, on a vault of one's own."""

from __future__ import annotations

import re
import subprocess
import sys
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

@deploy
def __init__(token: address):
    self.token = Token(token)

@external
def donate(to: address, amount: uint256):
    assert extcall self.token.transfer(to, amount)
"""
DONATE = "donate(address,uint256)"
DECLARED = {DONATE: {"effect": "transfer", "asset": "usdc", "to": 0, "amount": 1}}


@tool(effect="propose")
async def donate(ctx: Context, to: Payee, amount: Amount) -> Proposal:
    """Donate to a payee."""
    call = Call.encode(ctx.book["vault"], "donate(address,uint256)", to.address, amount.base_units)
    return ctx.propose([call], claims=[Claim.transfer(amount, to)])


def deploy(devnet: TestedDevnet) -> str:
    """A vault with 100 usdc, which it pays out to whomever it is told."""
    usdc = devnet.addresses()["tokens"]["usdc"]["address"]
    code = vyper.compile_code(VAULT, output_formats=["bytecode"])["bytecode"] + usdc[2:].rjust(64, "0")
    receipt = devnet.world.rpc.transact({"from": ADMIN, "data": code})
    devnet.world.fund(receipt["contractAddress"], tokens={"usdc": 100})
    return str(receipt["contractAddress"])


@pytest.fixture
def vault(devnet: TestedDevnet) -> str:
    """A deployed vault."""
    return deploy(devnet)


def _book(vault: str, functions: object = DECLARED) -> dict[str, dict[str, dict[str, object]]]:
    return {"venues": {"vault": {"address": vault, "chains": [31337], "kind": "own", "functions": functions}}}


async def test_donate(devnet: TestedDevnet, vault: str) -> None:
    agent = devnet.agent(
        engine=ScriptedEngine([donate.call(to="alice", amount="5")]), tools=[donate], book=_book(vault)
    )
    before = devnet.world.balance(ALICE, "usdc")
    run = await agent.run("...")
    assert run.verdicts == ["allow"]
    assert run.outcome == "finished"
    assert devnet.world.balance(ALICE, "usdc") - before == 5 * USDC


async def test_the_agent_streams_what_it_does_and_the_guard_checks_a_proposal(devnet: TestedDevnet, vault: str) -> None:
    bot = devnet.agent(book=_book(vault)).bot.root
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


def test_the_example_of_the_page_passes_as_it_is_shown(root: Path, tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```python\n(.*?)^```", (root / "docs" / "scenarios.md").read_text(), re.M | re.S)
    path = tmp_path / "test_shown.py"
    path.write_text(
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"from test_contract_examples import deploy\n{shown}"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), str(path)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


async def test_what_the_book_does_not_declare_is_denied(devnet: TestedDevnet, vault: str) -> None:
    agent = devnet.agent(
        engine=ScriptedEngine([donate.call(to="alice", amount="5 usdc")]), tools=[donate], book=_book(vault, {})
    )
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
