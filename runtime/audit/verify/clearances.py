"""Clearances and approvals: who let what be signed, checked against the guard's key, the very transaction, and the
people."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from ....wallets.cid import cid_text
from ....wallets.clearance import Clearance
from ....wallets.errors import InvalidValue
from ....wallets.keys import recover
from ....wallets.transaction import Transaction
from ....wallets.values import parse_hex
from ..records import Approved, Cleared, Judged
from .bundles import Policies
from .decisions import Decision, Decisions
from .exported import Entry, Exported
from .report import Report


class Approval(NamedTuple):
    """A good signature: by whom, recorded where and when."""

    person: str
    address: str
    seq: int
    time: datetime


class ClearedTransaction(NamedTuple):
    """A clearance that was read: its record, itself, and its transaction (None for typed data)."""

    entry: Entry
    clearance: Clearance
    transaction: Transaction | None


def check_approvals(
    log: Exported, policies: Policies, decisions: Decisions, report: Report
) -> dict[str, list[Approval]]:
    """Report on each approval; returns the good ones by digest."""
    good: dict[str, list[Approval]] = defaultdict(list)
    for entry in log.of_kind("approved"):
        body: Approved = entry.body
        claim = f"approval {entry.seq}"
        bundle = policies.get(policies.in_force(entry.seq))
        if bundle is None:
            report.unverifiable(claim, "the book that names who may approve cannot be loaded")
            continue
        try:
            signer = recover(body.digest, parse_hex(body.signature))
        except InvalidValue as error:
            report.refuted(claim, f"{body.person}'s signature is none: {error}")
            continue
        person = bundle.book.people.get(body.person)
        if signer != body.address.lower():
            report.refuted(claim, f"{body.person}'s approval was signed by {signer}, not by {body.address}")
        elif person is None or person.address != signer or "approve" not in person.may:
            report.refuted(claim, f"the book does not let {body.person} approve with {signer}")
        elif body.digest not in decisions.proposals:
            report.refuted(claim, f"{body.person} approved a digest that no record holds")
        else:
            good[body.digest].append(Approval(body.person, signer, entry.seq, entry.time))
            report.verified(claim, f"{body.person} ({signer}) signed exactly this proposal")
    return good


def check_clearances(
    log: Exported, decisions: Decisions, approvals: dict[str, list[Approval]], report: Report
) -> list[ClearedTransaction]:
    """Report on each clearance; returns all that could be read, oldest first."""
    cleared: list[ClearedTransaction] = []
    for entry in log.of_kind("cleared"):
        claim = f"clearance {entry.seq}"
        try:
            item = _read(entry)
        except ValueError as error:
            report.refuted(claim, f"record {entry.seq} holds no clearance: {str(error).splitlines()[0]}")
            continue
        cleared.append(item)
        clearance = item.clearance
        report.conclude(
            claim,
            _faults(log, item, decisions, approvals),
            f"the guard's key {log.opened.clearance_key} cleared this {clearance.kind}, nonce {clearance.nonce},"
            f" as an instance of {clearance.digest}",
        )
    return cleared


def _read(entry: Entry) -> ClearedTransaction:
    """Raises ValueError where the record's parts are none, or their numbers are beyond what a transaction holds."""
    body: Cleared = entry.body
    clearance = Clearance.model_validate(body.clearance)
    transaction = None if body.transaction is None else Transaction.model_validate(body.transaction)
    numbers = [clearance.nonce, clearance.judged_block, clearance.expires_block, clearance.expires_at]
    if transaction is not None:
        numbers += [transaction.nonce, transaction.gas_limit, transaction.chain_id]
    if not all(0 <= number < 2**64 for number in [clearance.chain_id, *numbers]):
        raise ValueError("a number in it is negative or beyond 64 bits")
    return ClearedTransaction(entry, clearance, transaction)


def _faults(
    log: Exported, item: ClearedTransaction, decisions: Decisions, approvals: dict[str, list[Approval]]
) -> list[str]:
    entry, clearance, transaction = item
    decision = decisions.by_seq.get(entry.seq)
    faults = _signature_faults(log, entry, clearance)
    if clearance.kind == "typed_data":
        faults += _typed_data_faults(clearance, decision)
    elif transaction is None:
        faults.append("what was cleared is a transaction, and none is recorded")
    else:
        faults += _transaction_faults(clearance, transaction)
        if clearance.kind == "cancel":
            return faults + _cancel_faults(clearance, transaction)
        faults += _instance_faults(entry, clearance, transaction, decision, _paid(log, entry))
        whole = decisions.proposals.get(clearance.digest)
        if decision is not None and whole is not None and whole.calls[_position(entry) :] != decision.proposal.calls:
            faults.append(f"intent {entry.body.intent} is another call of the proposal than the one that was judged")
    return faults + _decision_faults(log, entry, clearance, decisions, approvals)


def _signature_faults(log: Exported, entry: Entry, clearance: Clearance) -> list[str]:
    faults = []
    key = log.opened.clearance_key.lower()
    try:
        issuer = clearance.issuer()
    except InvalidValue as error:
        faults.append(f"the clearance's signature is none: {error}")
    else:
        if issuer != key:
            faults.append(f"the clearance was signed by {issuer}, not by the guard's key {key}")
    if (clearance.chain_id, clearance.account) != (log.opened.chain_id, log.opened.account.lower()):
        faults.append("the clearance is for another account than the log's")
    if entry.body.policy is not None and clearance.policy_cid != cid_text(entry.body.policy):
        faults.append(f"the clearance names the policy {clearance.policy_cid}, its record another")
    return faults


def _transaction_faults(clearance: Clearance, transaction: Transaction) -> list[str]:
    faults = []
    actual = transaction.signing_hash()
    if actual != clearance.signing_hash:
        faults.append(f"the recorded transaction has the signing hash {actual}, another was cleared")
    if (transaction.chain_id, transaction.nonce) != (clearance.chain_id, clearance.nonce):
        faults.append("the recorded transaction has another chain or nonce than its clearance")
    return faults


def _cancel_faults(clearance: Clearance, transaction: Transaction) -> list[str]:
    if transaction.to == clearance.account and not transaction.value and not transaction.data:
        return []
    return ["what was cleared as a cancel does more than use up the nonce"]


def _instance_faults(
    entry: Entry, clearance: Clearance, transaction: Transaction, decision: Decision | None, paid: int
) -> list[str]:
    """The transaction does the judged call, within the fee ceiling together with what the proposal has ``paid``, and
    the block is the one judged."""
    if decision is None:
        return [f"record {entry.seq} holds no judgement that could be made again"]
    faults = []
    if (transaction.call,) != decision.proposal.calls[:1]:
        faults.append("the transaction is not the call that was judged")
    ceiling = decision.proposal.fee_ceiling
    fee = paid + transaction.worst_fee
    if fee > ceiling:
        faults.append(f"gas may cost {fee} wei in all, and the ceiling that was judged is {ceiling}")
    block = decision.facts.block
    if block is None or block.number != clearance.judged_block:
        faults.append(f"the clearance says block {clearance.judged_block}, the judged facts are of another")
    return faults


def _paid(log: Exported, entry: Entry) -> int:
    """Wei that the other calls of its proposal had cost for gas by then."""
    fees: dict[str, int] = {}
    for other in log.of_kind("included"):
        if other.seq < entry.seq and other.body.key == entry.body.key and other.body.intent != entry.body.intent:
            fees[other.body.intent] = other.body.gas_used * int(other.body.effective_gas_price)
    return sum(fees.values())


def _position(entry: Entry) -> int:
    """Which call of its proposal an intent is, from 0."""
    return int(entry.body.intent.partition(".")[2])


def _typed_data_faults(clearance: Clearance, decision: Decision | None) -> list[str]:
    message = None if decision is None else decision.proposal.typed_data
    if message is None or message.signing_hash() != clearance.signing_hash:
        return ["the cleared signing hash is not that of the proposal's typed data"]
    return []


def _decision_faults(
    log: Exported, entry: Entry, clearance: Clearance, decisions: Decisions, approvals: dict[str, list[Approval]]
) -> list[str]:
    """Judged allow; or escalate, with the people whom the verdict asks for; and submitted under this digest before."""
    decision = decisions.by_seq.get(entry.seq)
    if decision is None:
        return []
    if decision.verdict.decision == "deny":
        return ["a clearance was given for what the policy denies"]
    if decision.facts.static or decision.facts.not_held or decision.facts.block is None:
        return ["a clearance was given without reading the chain"]
    submitted = next((item for item in log.of_kind("judged") if _submits(item, clearance.digest)), None)
    if submitted is None or submitted.seq >= entry.seq:
        return [f"no earlier record judges the digest {clearance.digest}"]
    before = [item for item in approvals.get(clearance.digest, []) if item.seq < entry.seq]
    faults = []
    for asked in decision.verdict.approvals:
        until = submitted.time + timedelta(seconds=asked.expires_seconds)
        signed = {item.address: item.person for item in before if item.person in asked.eligible and item.time <= until}
        if len(signed) < asked.quorum:
            who = ", ".join(sorted(signed.values())) or "nobody"
            faults.append(f"{asked.quorum} of {', '.join(sorted(asked.eligible))} must approve, and {who} did in time")
    return faults


def _submits(entry: Entry, digest: str) -> bool:
    body: Judged = entry.body
    return body.digest == digest and body.stage == "submit"
