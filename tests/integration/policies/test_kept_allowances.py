"""What Permit2 and Aave's debt tokens keep for us, on a real node: revoking, opening, and doing so behind our back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from treasurer.policies.book.book import Book
from treasurer.policies.decode import derive_effects
from treasurer.policies.facts import Facts
from treasurer.policies.judgement.claims import simulation_denials
from treasurer.policies.observation.actual import read_movements
from treasurer.policies.observation.observe import observe
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient, Receipt
from treasurer.wallets.values import to_hex

Propose = Callable[..., Proposal]
X = "0x" + "70" * 20
APPROVE = "approve(address,address,uint160,uint48)"


def denials(proposal: Proposal, book: Book, facts: Facts, *, blind: bool = False) -> list[str]:
    effects = () if blind else derive_effects(proposal, book, static=False, allowances=facts.allowances)
    return [reason.condition for reason in simulation_denials(effects, proposal, book, facts)]


async def sent(client: ChainClient, account: str, call: Call) -> Receipt:
    fields = {"from": account, "to": call.to, "data": to_hex(call.data)}
    transaction = await client.request("eth_sendTransaction", [fields])
    while (receipt := await client.receipt(transaction)) is None:
        await client.request("evm_mine")
    return receipt


async def test_permit2_is_revoked_whatever_the_token_itself_allows(
    devnet: Devnet, client: ChainClient, book: Book, propose: Propose, at: datetime, account: str
) -> None:
    usdc = devnet.addresses()["tokens"]["usdc"]["address"].lower()
    permit2 = devnet.addresses()["venues"]["permit2"]["address"].lower()
    until = int(at.timestamp()) + 10_000
    ordinary, kept = f"{usdc}:{X}", f"{usdc}:{X}:{permit2}"
    await sent(client, account, Call.encode(usdc, "approve(address,uint256)", X, 900))
    opened = Call.encode(permit2, APPROVE, usdc, X, 500, until)
    opening = propose(opened)
    facts = await observe(client, book, opening, at=at)
    assert facts.simulation is not None
    assert (facts.allowances, facts.simulation.allowances) == ({kept: 0}, {kept: 500})
    assert denials(opening, book, facts) == []
    assert denials(opening, book, facts, blind=True) == ["allowance"]
    receipt = await sent(client, account, opened)
    assert (await read_movements(client, receipt, account)).allowances == {kept: 500}
    for call in (
        Call.encode(permit2, APPROVE, usdc, X, 0, 0),
        Call.encode(permit2, "lockdown((address,address)[])", [(usdc, X)]),
    ):
        revoking = propose(call)
        facts = await observe(client, book, revoking, at=at)
        assert facts.simulation is not None
        assert (facts.allowances, facts.simulation.allowances) == ({kept: 500}, {kept: 0})
        assert denials(revoking, book, facts) == []
    plain = propose(Call.encode(usdc, "approve(address,uint256)", X, 0))
    facts = await observe(client, book, plain, at=at)
    assert facts.allowances == {ordinary: 900}
    assert denials(plain, book, facts) == []


async def test_debt_that_is_delegated_is_seen(
    devnet: Devnet, client: ChainClient, book: Book, propose: Propose, at: datetime
) -> None:
    debt = devnet.addresses()["venues"]["aave-v3"]["reserves"]["usdc"]["variable_debt_token"].lower()
    proposal = propose(Call.encode(debt, "approveDelegation(address,uint256)", X, 77))
    facts = await observe(client, book, proposal, at=at)
    assert facts.simulation is not None
    assert facts.simulation.allowances == {f"{debt}:{X}": 77}
    assert denials(proposal, book, facts, blind=True) == ["allowance"]
