"""One request tells everything of one block, the newest: many probes in one call, and again where the head moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.observation.observe import observe
from treasurer.policies.observation.reads.gathered import gather, gathered
from treasurer.policies.observation.reads.probes import Probe
from treasurer.policies.observation.reads.round_trip import HeadMoved, RoundTrip
from treasurer.policies.observation.simulation.simulate import simulate
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.chain.endpoint import Endpoint
from treasurer.wallets.errors import RpcRefused

ALICE = "0x" + "a1" * 20
ANSWERS = {
    "nothing": "00",  # STOP
    "revert": "60006000fd",
    "all-gas": "fe",  # INVALID takes what it is given
    "endless": "5b600056",  # JUMPDEST, JUMP back
    "writes": "6001600055602a60005260206000f3",  # SSTORE, which a static call forbids
    "long": "6140016000f3",  # RETURN of one byte more than is taken
    "longest": "6140006000f3",
    "odd": "60216000f3",  # 33 bytes: the next answer begins where this one ends
    "word": "602a60005260206000f3",
    "sender": "3360005260206000f3",
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Methods of each request that is sent, those of a batch joined."""
    seen: list[str] = []
    post = Endpoint._post

    async def counted(self: Endpoint, session: Any, body: Any, method: str) -> tuple[bytes, int]:
        seen.append(" ".join(item["method"] for item in body) if isinstance(body, list) else body["method"])
        return await post(self, session, body, method)

    monkeypatch.setattr(Endpoint, "_post", counted)
    return seen


async def test_each_probe_answers_for_itself_whatever_the_others_do(client: ChainClient, account: str) -> None:
    contracts = {name: f"0x{0xC0DE_0000 + n:040x}" for n, name in enumerate(ANSWERS)}
    for name, address in contracts.items():
        await client.request("anvil_setCode", [address, "0x" + ANSWERS[name]])
    asked = {name: Probe(address, bytes(n)) for n, (name, address) in enumerate(contracts.items())}
    header = await client.block()
    before = tuple(asked.values())
    for order in (before, before[::-1]):
        simulation = await simulate(client, account, (), before=order, after=(), block=header, at=header.timestamp)
        told = simulation.before
        answered = {name for name, probe in asked.items() if told.number(probe) is not None}
        assert answered == {"longest", "odd", "word", "sender"}
        assert told.number(asked["word"]) == 42
        assert told.words(asked["longest"], 512) == (0,) * 512
        assert told.words(asked["odd"], 2) is None


async def test_what_burns_more_than_a_block_has_leaves_the_others_unknown_and_never_wrong(
    client: ChainClient, account: str
) -> None:
    burner, word = "0x" + "be" * 20, "0x" + "bf" * 20
    await client.request("anvil_setCode", [burner, "0xfe"])
    await client.request("anvil_setCode", [word, "0x602a60005260206000f3"])
    header = await client.block()
    many = [Probe(burner, n.to_bytes(2, "big")) for n in range(20)]
    simulation = await simulate(
        client, account, (), before=[*many, Probe(word, b"")], after=(), block=header, at=header.timestamp
    )
    assert simulation.before.number(Probe(word, b"")) is None


def test_an_answer_that_is_cut_short_is_none() -> None:
    first, second = Probe(ALICE, b"a"), Probe(ALICE, b"b")
    one = (1 << 255 | 32).to_bytes(32, "big") + (7).to_bytes(32, "big")
    both = one + (1 << 255 | 32).to_bytes(32, "big") + (8).to_bytes(32, "big")
    assert gathered([first, second], both).number(second) == 8
    for length in range(len(both)):
        told = gathered([first, second], both[:length])
        assert told.number(first) == (7 if length >= len(one) else None)
        assert told.number(second) is None
    assert gathered([first], (32).to_bytes(32, "big") + bytes(32)).number(first) is None
    assert gather([], 30_000_000) == []


async def test_pinned_targets_are_one_request_while_the_head_stands(
    client: ChainClient, book: Book, propose: Callable[..., Proposal], at: datetime, sent: list[str]
) -> None:
    proposal = propose(Call(to=ALICE, value=1))
    await observe(client, book, proposal, at=at)
    sent.clear()
    facts = await observe(client, book, proposal, at=at)
    assert sent == ["eth_getBlockByNumber eth_simulateV1 eth_getStorageAt eth_getStorageAt"]
    assert facts.block is not None
    assert facts.block.hash == (await client.block()).hash


async def test_what_was_read_at_an_older_block_is_thrown_away(
    client: ChainClient, book: Book, propose: Callable[..., Proposal], at: datetime, sent: list[str]
) -> None:
    remembered = await client.block()
    await client.request("evm_mine")
    sent.clear()
    facts = await observe(client, book, propose(Call(to=ALICE, value=1)), at=at)
    assert facts.block is not None
    assert facts.block.number == remembered.number + 1
    assert facts.simulation is not None
    assert facts.simulation.succeeded
    assert len(sent) == 2


async def test_a_remembered_block_that_was_dropped_is_no_refusal(
    client: ChainClient, book: Book, propose: Callable[..., Proposal], at: datetime
) -> None:
    """A reorganization: the node no longer knows the block, and refuses to simulate on it."""
    snapshot = await client.request("evm_snapshot")
    await client.request("evm_mine")
    gone = await client.block()
    await client.request("evm_revert", [snapshot])
    facts = await observe(client, book, propose(Call(to=ALICE, value=1)), at=at)
    assert facts.block is not None
    assert facts.block.number == gone.number - 1
    assert facts.simulation is not None
    assert facts.simulation.succeeded


async def test_a_block_that_was_read_for_this_is_new_enough(client: ChainClient, devnet: Devnet) -> None:
    base = await client.block()
    slots = [(devnet.accounts[0].lower(), "0x" + "00" * 32)]
    await client.request("evm_mine")
    with pytest.raises(HeadMoved):
        await RoundTrip(client, base, slots, just_read=False).stored()
    assert await RoundTrip(client, base, slots, just_read=True).stored() == {slots[0]: 0}
    unknown = RoundTrip(client, base, [("0x12", "0x0")], just_read=True)
    with pytest.raises(RpcRefused):
        await unknown.stored()
