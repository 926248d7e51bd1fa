"""One input of the fuzzer, by its number: a proposal of calls or of typed data, or a raw line; and what must hold.

Nothing raises; the same input has the same verdict; what is allowed is canonical, has no unknown effect, and holds
the attacker's address nowhere in its bytes, but to take an allowance back, and in a signature, which names nobody.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from corpus import ACCOUNT, ATTACKER, CHAIN, Draw, bundle, kinds
from eth_abi import decode, encode
from mutate import mutated
from typed import parsed, typed_data

from treasurer.policies.check.check import check
from treasurer.policies.decode.draft.function import Function
from treasurer.policies.decode.registry import function_of
from treasurer.policies.effect import Kind
from treasurer.policies.facts import Facts, Price
from treasurer.policies.judgement.judge import judge
from treasurer.policies.proposal import Proposal
from treasurer.policies.verdict import Verdict
from treasurer.wallets.call import Call, Operation, argument_types

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ATTACKER_BYTES = bytes.fromhex(ATTACKER[2:])
HASH = "0x" + "11" * 32
SIGNED_AT_ITS_END = re.compile(r"(permit|\w+Authorization)\w*\(.*,bytes\)")


class Broken(AssertionError):
    """Something that must hold does not; the message has the input."""


def facts() -> Facts:
    """Prices of one dollar for six decimals and 2,500 for the rest; nothing was read of a chain."""
    prices = {address: Price(usd=Decimal(1 if kind == "erc20" else 2500)) for kind, address in kinds().items()}
    return Facts(
        at=AT, static=True, prices={**prices, "native": Price(usd=Decimal(2500))}, not_held=("gas", "breakers")
    )


FACTS = facts()


def try_input(number: int) -> str:
    """Judge the input of this number; the verdict's decision. Raises Broken, or whatever the engine raises."""
    draw = Draw(number)
    choice = draw.random.random()
    if choice < 0.08:
        return _line(draw)
    proposal = _signature(draw) if choice < 0.3 else _calls(draw)
    if proposal is None:
        return "unparsed"
    verdict = judge(bundle().policy, bundle().book, proposal, FACTS)
    if number % 16 == 0 and judge(bundle().policy, bundle().book, proposal, FACTS) != verdict:
        raise Broken(f"input {number} has two verdicts")
    if verdict.decision == "allow":
        _hold_allowed(number, proposal, verdict)
    return verdict.decision


def _calls(draw: Draw) -> Proposal:
    calls = []
    for _ in range(draw.random.choice((1, 1, 1, 2, 3))):
        to, data = draw.call()
        if draw.random.random() < 0.6:
            data = mutated(draw.random, data)
        if draw.random.random() < 0.05:
            to = draw.address()
        operation = Operation.DELEGATECALL if draw.random.random() < 0.05 else Operation.CALL
        value = draw.number(96) if draw.random.random() < 0.2 else 0
        created = draw.random.random() < 0.01
        calls.append(Call(to=None if created else to, value=value, data=data, operation=operation))
    return _proposal(calls=tuple(calls))


def _signature(draw: Draw) -> Proposal | None:
    if draw.random.random() < 0.1:
        return _proposal(message=draw.random.randbytes(draw.random.choice((0, 1, 31, 32, 33, 500))))
    made = parsed(typed_data(draw))
    return None if made is None else _proposal(typed_data=made)


def _proposal(**fields: Any) -> Proposal:
    return Proposal(chain_id=CHAIN, account=ACCOUNT, intent_key=HASH, run="fuzz", expires_at=AT, **fields)


def _line(draw: Draw) -> str:
    """A line of `policy check`, valid or broken; its answer is always one object with a verdict."""
    to, data = draw.call()
    line: dict[str, Any] = {
        "id": "x", "chain_id": CHAIN, "from": ACCOUNT, "at": AT.isoformat(), "provenance": {}, "typed_data": None,
        "authorization_list": [], "calls": [{"to": to, "value": "0", "data": "0x" + data.hex(), "operation": 0}],
    }  # fmt: skip
    if draw.random.random() < 0.3:
        line["typed_data"], line["calls"] = typed_data(draw), []
    for _ in range(draw.random.choice((0, 1, 2))):
        key = draw.random.choice(tuple(line))
        line[key] = draw.random.choice((None, -1, "", [], {}, "0x", 2**300, [{}], {"a": {}}))
    text = json.dumps(line).encode()
    if draw.random.random() < 0.4:
        text = mutated(draw.random, text)
    (answer,) = check([text], bundle(), prices={"usdc": Decimal(1)}, balances={}, static=True)
    if answer["verdict"] not in ("allow", "escalate", "deny"):
        raise Broken(f"a line has the verdict {answer['verdict']}")
    for reason in answer["reasons"]:
        if "cannot be judged" in reason["message"]:
            raise Broken(f"a line met what nobody foresaw: {reason['message']}\n{text!r}")
    return str(answer["verdict"])


def _hold_allowed(number: int, proposal: Proposal, verdict: Verdict) -> None:
    shown = f"input {number}: {proposal.model_dump_json()}"
    if any(effect.kind is Kind.UNKNOWN for effect in verdict.effects):
        raise Broken(f"allowed though something of it is unknown: {shown}")
    if proposal.chain_id != CHAIN:
        raise Broken(f"allowed on another chain: {shown}")
    for index, call in enumerate(proposal.calls):
        taken = all(effect.kind is Kind.REVOCATION for effect in verdict.effects if effect.call == index)
        if not taken and (call.to == ATTACKER or ATTACKER_BYTES in _named(call)):
            raise Broken(f"allowed though the attacker is in it: {shown}")
        if not _canonical(call):
            raise Broken(f"allowed though it is not what an encoder writes: {shown}")
    if proposal.typed_data is not None and ATTACKER in json.dumps(proposal.typed_data.full_message()).lower():
        raise Broken(f"allowed though the attacker is in it: {shown}")


def _function(call: Call) -> Function | None:
    names = {address: kind for kind, address in kinds().items()}
    return function_of((names.get(call.to or "", ""),), call.data[:4])


def _named(call: Call) -> bytes:
    """The calldata without a signature at its end: whatever it holds, it is right or the call reverts."""
    function = _function(call)
    if function is None or not SIGNED_AT_ITS_END.fullmatch(function.signature):
        return call.data
    types = argument_types(function.signature)
    return bytes(encode(types[:-1], decode(types, call.data[4:])[:-1]))


def _canonical(call: Call) -> bool:
    """Whether encoding what another decoder reads gives the same bytes."""
    if not call.data:
        return True
    function = _function(call)
    if function is None:
        return False
    types = argument_types(function.signature)
    return bool(encode(types, decode(types, call.data[4:])) == call.data[4:])
