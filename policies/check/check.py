"""check: the batch of ``treasurer policy check``, one verdict a line, in order: policies are tested like code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from time import perf_counter_ns
from typing import Any, Literal

from ...wallets.errors import InvalidValue, TreasurerError
from ...wallets.hints import nearest
from ...wallets.values import NATIVE, checksum
from ..budget.windows import Windows
from ..documents.json_document import read_json
from ..documents.yaml_document import Fault
from ..effect import Effect
from ..errors import PolicyError
from ..facts import Facts, Price
from ..judgement.judge import judge
from ..kinds import HAS_SPENDER
from ..language.bundle import PolicyBundle
from ..proposal import Proposal
from ..trusted import made
from ..verdict import Reason, Verdict
from ..worth import EXACT, Unknown, in_usd
from .proposal_line import Malformed, ProposalLine, read_line

Observe = Callable[[Proposal, datetime], Facts]
"""What reads the chain for one proposal, where there is one."""
_NO_NUMBERS: tuple[dict[str, Price], dict[str, int]] = ({}, {})
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,99})([.][0-9]{1,99})?([eE][+-]?[0-9]{1,3})?")
LARGEST_EXPONENT = 60
NOT_HELD: tuple[Literal["gas", "breakers", "timelock"], ...] = ("gas", "breakers", "timelock")


def check(
    lines: Iterable[bytes | str],
    bundle: PolicyBundle,
    *,
    prices: Mapping[str, Decimal],
    balances: Mapping[str, Decimal],
    static: bool,
    observe: Observe | None = None,
) -> Iterator[dict[str, Any]]:
    """One answer for each line, in order: ``id, verdict, reasons, effects, digest, policy_cid, skipped, micros``.

    ``prices``: USD for one unit by label; ``balances``: whole units by label. Windows count what
    this call let through so far. Raises PolicyError, before the first line is read, for a label that the book lacks. A
    line never raises.
    """
    batch = _Batch(bundle, prices, balances, static, observe)
    return (batch.answer(line) for line in lines)


def read_numbers(source: bytes, name: str) -> dict[str, Decimal]:
    """Decimals by label of ``{"usdc": "1"}``. Raises DocumentError that names each fault with its line."""
    document = read_json(source, name, fractions=True)
    if not isinstance(document.value, dict):
        raise document.error([((), 'labels and their numbers are expected, as in {"usdc": "1"}')])
    found: dict[str, Decimal] = {}
    faults: list[Fault] = []
    for label, written in document.value.items():
        number = _number(written)
        if number is None:
            faults.append(
                ((label,), f'a number of zero or more is expected, as in "2500.5", not {ascii(written)[:60]}')
            )
        else:
            found[label] = number
    if faults:
        raise document.error(faults)
    return found


def _number(written: Any) -> Decimal | None:
    """The number that is written as JSON writes one, as text or not; None where it is none, or too large."""
    text = str(written) if isinstance(written, int) and not isinstance(written, bool) else written
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return number if abs(number.adjusted()) <= LARGEST_EXPONENT else None


class _Batch:
    def __init__(
        self,
        bundle: PolicyBundle,
        prices: Mapping[str, Decimal],
        balances: Mapping[str, Decimal],
        static: bool,
        observe: Observe | None,
    ) -> None:
        self._bundle = bundle
        self._static = static
        self._observe = observe
        self._windows: dict[str, Windows] = {}
        self._latest: datetime | None = None
        self._line_id: str | None = None
        known = {NATIVE, *bundle.book.labels("tokens")}
        for label in (*prices, *balances):
            if label not in known:
                raise PolicyError(f'the book has no token "{label}", which was given a number{nearest(label, known)}')
        self._prices = {label: Price(usd=usd, source="given") for label, usd in prices.items()}
        self._by_chain = {
            chain_id: (self._prices_on(chain_id), self._balances_on(chain_id, balances))
            for chain_id in bundle.policy.chains
        }

    def answer(self, line: bytes | str) -> dict[str, Any]:
        started = perf_counter_ns()
        self._line_id = None
        try:
            answer = self._judge(line)
        except Exception as error:  # noqa: BLE001 - a line never ends the batch: what is unforeseen is denied and named
            answer = _refusal(
                self._line_id, "malformed", f"the line cannot be judged: {type(error).__name__}: {error}"[:300]
            )
        answer["policy_cid"] = self._bundle.cid
        answer["micros"] = (perf_counter_ns() - started) // 1000
        return answer

    def _judge(self, line: bytes | str) -> dict[str, Any]:
        try:
            read = read_line(line)
        except Malformed as error:
            backwards = self._runs_backwards(error.at)
            return _refusal(error.id, "clock" if backwards else "malformed", backwards or str(error))
        self._line_id = read.id
        backwards = self._runs_backwards(read.at)
        if backwards:
            return _refusal(read.id, "clock", backwards)
        try:
            digest = read.proposal.approvable(self._bundle.cid, expiry=0).digest()
        except InvalidValue as error:
            return _refusal(read.id, "malformed", str(error))
        try:
            facts = self._facts(read)
        except TreasurerError as error:
            return {**_refusal(read.id, "facts", str(error)), "digest": digest}
        verdict = judge(self._bundle.policy, self._bundle.book, read.proposal, facts)
        if verdict.decision != "deny":
            self._count(read, verdict)
        return _answer(read, verdict, facts, digest, self._bundle)

    def _runs_backwards(self, at: datetime | None) -> str:
        if at is None:
            return ""
        if self._latest is not None and at < self._latest:
            return f"at is {at.isoformat()}, earlier than {self._latest.isoformat()} of a line before it"
        self._latest = at
        return ""

    def _facts(self, read: ProposalLine) -> Facts:
        windows = self._windows.get(read.proposal.account)
        spent = () if windows is None else windows.spent(read.at)
        prices, balances = self._by_chain.get(read.proposal.chain_id, _NO_NUMBERS)
        if self._observe is not None:
            facts = self._observe(read.proposal, read.at)
            update: dict[str, Any] = {"at": read.at, "spent": spent, "not_held": NOT_HELD, "fees": None}
            update["prices"] = {**facts.prices, **prices}
            update["balances"] = {**facts.balances, **balances}
            return facts.model_copy(update=update)
        fields = {
            "at": read.at,
            "static": self._static,
            "not_held": NOT_HELD,
            "prices": prices,
            "balances": balances,
            "spent": spent,
        }
        return made(Facts, fields)

    def _count(self, read: ProposalLine, verdict: Verdict) -> None:
        if not self._bundle.policy.window_lengths:
            return
        account = read.proposal.account
        windows = self._windows.get(account)
        if windows is None:
            windows = self._windows[account] = Windows(self._bundle.policy)
        windows.revoke(verdict.effects, read.proposal.chain_id, read.at)
        windows.add(verdict.spent, read.at)

    def _prices_on(self, chain_id: int) -> dict[str, Price]:
        found = {}
        for label, price in self._prices.items():
            token = self._bundle.book.token_by_label(label, chain_id)
            if token is not None:
                found[token.address] = price
        return found

    def _balances_on(self, chain_id: int, balances: Mapping[str, Decimal]) -> dict[str, int]:
        found = {}
        for label, units in balances.items():
            token = self._bundle.book.token_by_label(label, chain_id)
            if token is not None:
                base_units = EXACT.scaleb(units, token.decimals)
                if base_units != base_units.to_integral_value():
                    raise PolicyError(
                        f"the balance of {label} has more than the {token.decimals} decimals that {label} has"
                    )
                found[token.address] = int(base_units)
        return found


def _refusal(line_id: str | None, rule: str, message: str) -> dict[str, Any]:
    reason = Reason(rule=rule, message=message)
    return {
        "id": line_id,
        "verdict": "deny",
        "reasons": [_reason(reason)],
        "effects": [],
        "digest": None,
        "policy_cid": "",
        "skipped": [],
        "micros": 0,
    }


def _answer(read: ProposalLine, verdict: Verdict, facts: Facts, digest: str, bundle: PolicyBundle) -> dict[str, Any]:
    return {
        "id": read.id,
        "verdict": verdict.decision,
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "effects": [_effect(effect, bundle, read.proposal.chain_id, facts) for effect in verdict.effects],
        "digest": digest,
        "policy_cid": "",
        "skipped": list(verdict.skipped),
        "micros": 0,
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {
        "rule": reason.rule,
        "condition": reason.condition,
        "actual": reason.actual,
        "limit": reason.limit,
        "message": reason.message,
    }


def _effect(effect: Effect, bundle: PolicyBundle, chain_id: int, facts: Facts) -> dict[str, Any]:
    """An effect as JSON: what it does not have is left out, an amount or worth that is not known is null."""
    shown: dict[str, Any] = {"kind": effect.kind.value}
    if effect.target is not None:
        shown["target"] = checksum(effect.target)
    if effect.asset is not None:
        worth = None if effect.amount is None else in_usd(effect.asset, effect.amount, bundle.book, chain_id, facts)
        shown["token"] = _shown(effect.asset)
        shown["amount"] = None if effect.amount is None else str(effect.amount)
        shown["usd"] = None if worth is None or isinstance(worth, Unknown) else format(worth, "f")
    if effect.counterparty is not None:
        shown["spender" if effect.kind in HAS_SPENDER else "recipient"] = checksum(effect.counterparty)
    if effect.bought is not None:
        shown["bought"] = _shown(effect.bought)
        shown["bought_minimum"] = None if effect.bought_minimum is None else str(effect.bought_minimum)
    if effect.on_behalf_of is not None:
        shown["on_behalf_of"] = checksum(effect.on_behalf_of)
    if effect.deadline is not None:
        shown["deadline"] = str(effect.deadline)
    if effect.unknown:
        shown["unknown"] = list(effect.unknown)
    return shown


def _shown(asset: str) -> str:
    return asset if asset == NATIVE else checksum(asset)
