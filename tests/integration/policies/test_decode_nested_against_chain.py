"""The tree of calls that decoding finds is the one that the real Safe, MultiSend, Multicall3 and EntryPoint make."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.decode import CallNode, derive_tree
from treasurer.policies.effect import Kind
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.errors import TransactionFailed
from treasurer.wallets.call import Call, Operation, calldata
from treasurer.wallets.values import to_hex

ZERO = "0x" + "00" * 20
EXEC = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
SETUP = "setup(address[],uint256,address,bytes,address,address,uint256,address)"
PACKED = "(address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)"
ANSWERS_ZERO = "0x60206000f3"
"""Runs for whoever calls it, and returns 32 zero bytes: to the EntryPoint that is a valid UserOperation."""
SAMPLES = 12


@dataclass(frozen=True)
class Nest:
    """Our Safe, its owner, and the wrappers of the devnet."""

    chain: Devnet
    owner: str
    safe: str
    contracts: dict[str, str]

    def book(self) -> Book:
        pin = "0x" + "11" * 32
        kinds = {self.safe: "safe", self.contracts["safe-multisend"]: "safe-multisend"}
        kinds |= {self.contracts["multicall3"]: "multicall3", self.contracts["entry-point-0.8"]: "entry-point-0.8"}
        lines = ["version: 1", "venues:"]
        lines += [
            f'  venue{number}: {{address: "{address}", chains: [31337], kind: {kind}, code_hash: "{pin}"}}'
            for number, (address, kind) in enumerate(kinds.items())
        ]
        return Book.read("\n".join(lines).encode())

    def nodes(self, account: str, call: Call) -> tuple[CallNode, ...]:
        proposal = Proposal(
            chain_id=31337,
            account=account,
            calls=(call,),
            intent_key="0x" + "00" * 32,
            run="run",
            expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        )
        return derive_tree(proposal, self.book())[1]

    def traced(self, sender: str, call: Call) -> list[dict[str, Any]]:
        """Every call of the transaction, as the node's own tracer saw it, outer before inner."""
        rpc = self.chain.world.rpc
        transaction = {"from": sender, "to": str(call.to), "data": to_hex(call.data), "value": hex(call.value)}
        receipt = rpc.transact(transaction)
        top = rpc.request("debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"})
        return list(_flat(top))

    def exec(self, call: Call, *, safe_tx_gas: int = 0) -> Call:
        signature = bytes(12) + bytes.fromhex(self.owner[2:]) + bytes(32) + b"\1"
        terms = (call.to, call.value, call.data, int(call.operation), safe_tx_gas, 0, 0, ZERO, ZERO, signature)
        return Call.encode(self.safe, EXEC, *terms)

    def multisend(self, *calls: Call) -> Call:
        packed = b"".join(
            bytes([call.operation])
            + bytes.fromhex(str(call.to)[2:])
            + call.value.to_bytes(32, "big")
            + len(call.data).to_bytes(32, "big")
            + call.data
            for call in calls
        )
        call = Call.encode(self.contracts["safe-multisend"], "multiSend(bytes)", packed)
        return call.model_copy(update={"operation": Operation.DELEGATECALL})


def _flat(call: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield call
    for inner in call.get("calls", ()):
        yield from _flat(inner)


def _made_by(sender: str, trace: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    """Target, value and data of each plain call of ``sender`` in a trace, the top one left out."""
    return [
        (call["to"].lower(), int(call.get("value", "0x0"), 16), call.get("input", "0x"))
        for call in trace[1:]
        if call["type"] == "CALL" and call["from"].lower() == sender
    ]


def _decoded(sender: str, nodes: tuple[CallNode, ...]) -> list[tuple[str, int, str]]:
    return [
        (str(node.target), node.value, to_hex(node.data))
        for node in nodes
        if node.path and node.sender == sender and node.operation == Operation.CALL
    ]


@pytest.fixture
def nest(chain: Devnet) -> Nest:
    registry = chain.addresses()
    contracts = {label: str(entry["address"]).lower() for label, entry in registry["contracts"].items()}
    owner = chain.accounts[0].lower()
    initializer = calldata(SETUP, [owner], 1, ZERO, b"", ZERO, ZERO, 0, ZERO)
    create = ("createProxyWithNonce(address,bytes,uint256)", contracts["safe-singleton"], initializer, 7)
    rpc = chain.world.rpc
    safe = rpc.call(contracts["safe-proxy-factory"], *create, returns="(address)", sender=owner).lower()
    rpc.send(owner, contracts["safe-proxy-factory"], *create)
    chain.world.fund(safe, native=5, tokens={"usdc": 1000})
    return Nest(chain, owner, safe, contracts)


def _somebody(draw: random.Random) -> str:
    return "0x" + draw.randbytes(20).hex()


def _calls(draw: random.Random, nest: Nest, depth: int = 0) -> list[Call]:
    usdc = str(nest.chain.addresses()["tokens"]["usdc"]["address"]).lower()
    calls = []
    for _ in range(draw.choice([1, 2, 3, 5])):
        if depth < 3 and draw.random() < 0.3:
            calls.append(nest.multisend(*_calls(draw, nest, depth + 1)))
        elif draw.random() < 0.5:
            calls.append(Call(to=_somebody(draw), value=draw.randrange(100), data=draw.randbytes(draw.randrange(70))))
        else:
            calls.append(Call.encode(usdc, "transfer(address,uint256)", _somebody(draw), draw.randrange(100)))
    return calls


def test_a_safe_s_multisends_are_the_calls_that_it_makes(nest: Nest) -> None:
    draw = random.Random(1)
    for _ in range(SAMPLES):
        call = nest.exec(nest.multisend(*_calls(draw, nest)))
        made = _made_by(nest.safe, nest.traced(nest.owner, call))
        assert made
        assert _decoded(nest.safe, nest.nodes(nest.safe, call)) == made


def test_multicall3_is_the_sender_of_its_calls(nest: Nest) -> None:
    draw, multicall3 = random.Random(2), nest.contracts["multicall3"]
    for _ in range(SAMPLES):
        calls = [
            (_somebody(draw), True, draw.randrange(100), draw.randbytes(draw.randrange(50)))
            for _ in range(draw.choice([1, 2, 4]))
        ]
        call = Call.encode(
            multicall3,
            "aggregate3Value((address,bool,uint256,bytes)[])",
            calls,
            value=sum(value for _, _, value, _ in calls),
        )
        made = _made_by(multicall3, nest.traced(nest.owner, call))
        assert _decoded(multicall3, nest.nodes(nest.owner, call)) == made
        assert len(made) == len(calls)


def test_the_entry_point_gives_each_account_its_call_data(nest: Nest) -> None:
    draw, entry_point = random.Random(3), nest.contracts["entry-point-0.8"]
    senders = [_somebody(draw) for _ in range(3)]
    for sender in senders:
        nest.chain.world.rpc.request("anvil_setCode", sender, ANSWERS_ZERO)
    limits = (300_000).to_bytes(16, "big") + (100_000).to_bytes(16, "big")
    operations = [
        (sender, 0, b"", draw.randbytes(4 + 20 * number), limits, 0, bytes(32), b"", b"")
        for number, sender in enumerate(senders, 1)
    ]
    call = Call.encode(entry_point, f"handleOps({PACKED}[],address)", operations, nest.owner)
    trace = nest.traced(nest.owner, call)
    given = [(to, value, data) for to, value, data in _made_by(entry_point, trace) if to in senders]
    handed_on = [item for item in given if not item[2].startswith("0x19822f7c")]  # validateUserOp
    nodes = nest.nodes(nest.owner, call)
    assert [(str(node.target), node.value, to_hex(node.data)) for node in nodes if node.path] == handed_on


def test_a_call_inside_fails_alone_only_with_safe_tx_gas(nest: Nest) -> None:
    """Why an approval is not settled by what a Safe does with safeTxGas."""
    usdc = str(nest.chain.addresses()["tokens"]["usdc"]["address"]).lower()
    too_much = Call.encode(usdc, "transfer(address,uint256)", nest.owner, 10**30)
    trace = nest.traced(nest.owner, nest.exec(too_much, safe_tx_gas=1))
    assert any(call.get("error") for call in trace)
    with pytest.raises(TransactionFailed):
        nest.traced(nest.owner, nest.exec(too_much))


def test_multisend_reverts_where_the_packing_is_broken_or_it_is_called(nest: Nest) -> None:
    """What decoding calls unknown never was a list of calls that the Safe makes."""
    pay = Call(to="0x" + "5e" * 20, value=1)
    called = nest.multisend(pay).model_copy(update={"operation": Operation.CALL})
    with pytest.raises(TransactionFailed):
        nest.traced(nest.owner, nest.exec(called))
    assert Kind.UNKNOWN in {effect.kind for effect in _effects(nest, nest.exec(called))}


def _effects(nest: Nest, call: Call) -> tuple[Any, ...]:
    proposal = Proposal(
        chain_id=31337,
        account=nest.safe,
        calls=(call,),
        intent_key="0x" + "00" * 32,
        run="run",
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    return derive_tree(proposal, nest.book())[0]
