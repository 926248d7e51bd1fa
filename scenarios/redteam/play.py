"""play: every attack of the library, and the daily work, before a real guard; what came of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ...policies.proposal import Claim, Proposal, Provenance
from ...policies.verdict import GUARD_RULES
from ...runtime.guard.state import GuardState
from ...runtime.guard.submission import check, submit
from ...wallets.call import Authorization, Call
from ...wallets.errors import InvalidValue, TreasurerError
from ...wallets.hints import nearest
from ...wallets.values import hash_words
from .arena import ATTACKER, Arena, open_arena
from .document import AttackFile, BenignCase, BenignFile, Form, RawClaim, RawProposal, Variant
from .forms import Wrapped, wrap
from .library import attack_files, benign_files
from .report import RedTeamReport, Tried, Worked

FEE_CEILING_WEI = 10**17
OnTried = Callable[[Tried | Worked], None]


async def play_red_team(told: OnTried, *, only: str | None = None) -> RedTeamReport:
    """The whole library before the conservative preset. ``only``: one kind of attack or one family of daily work.

    Raises InvalidValue with the nearest name where the library has none of that name.
    """
    attacks, benign = attack_files(), benign_files()
    if only is not None:
        known = [*(file.kind for file in attacks), *(file.family for file in benign)]
        if only not in known:
            raise InvalidValue(
                f"the library has no {only}{nearest(only, known)}", next_command="treasurer scenario list"
            )
        attacks = [file for file in attacks if file.kind == only]
        benign = [file for file in benign if file.family == only]
    report = RedTeamReport()
    async with open_arena() as arena:
        await play_attacks(arena, attacks, report, told)
        await play_benign(arena, benign, report, told)
    return report


async def play_attacks(arena: Arena, files: Sequence[AttackFile], report: RedTeamReport, told: OnTried) -> None:
    """Each variant of each kind in each of its forms, before a guard of its own."""
    for file in files:
        for variant in file.variants:
            for form in variant.forms:
                with arena.kept((*file.world, *variant.world)):
                    tried = await _attack(arena, file, variant, form)
                report.attacks.append(tried)
                told(tried)


async def play_benign(arena: Arena, files: Sequence[BenignFile], report: RedTeamReport, told: OnTried) -> None:
    """Each piece of daily work, judged by itself on a fresh day."""
    for file in files:
        with arena.kept(file.world):
            async with arena.guard() as state:
                for case in file.cases:
                    for one in _spread(case):
                        with arena.kept(one.world):
                            worked = await _work(arena, state, file.family, one)
                        report.benign.append(worked)
                        told(worked)


async def _attack(arena: Arena, file: AttackFile, variant: Variant, form: Form) -> Tried:
    expect = variant.expect
    async with arena.guard() as state:
        raws = variant.proposals or (RawProposal(calls=variant.calls),)
        answers: list[dict[str, Any]] = []
        passed: list[Proposal] = []
        for number, raw in enumerate(raws):
            found = await _propose(arena, state, raw, form, f"{file.kind}/{variant.name}/{form}/{number}")
            answers += [answer for _, answer in found]
            passed += [proposal for proposal, answer in found if answer["verdict"] == "allow"]
        follow = [
            answer
            for number, raw in enumerate(expect.then)
            for _, answer in await _propose(arena, state, raw, "plain", f"{file.kind}/{variant.name}/then/{number}")
        ]
    lost = _loss(arena, passed, [arena.values.call(raw) for raw in variant.after])
    rules = tuple(dict.fromkeys(reason["rule"] for answer in answers for reason in answer["reasons"]))
    why = _missed(answers, passed, lost, expect.at_most_usd, by_guard=expect.by_guard)
    for answer in follow:
        if answer["verdict"] != "allow":
            why = why or f"afterwards honest work is refused: {_messages(answer)}"
    unknown = any(effect["kind"] == "unknown" for answer in answers for effect in answer["effects"])
    verdicts = tuple(answer["verdict"] for answer in answers)
    return Tried(file.kind, variant.name, form, not why, verdicts, rules, lost, unknown, why)


def _missed(
    answers: Sequence[dict[str, Any]], passed: Sequence[Proposal], lost: Decimal, most: int, *, by_guard: bool
) -> str:
    """Why this attack was not stopped; empty where it was.

    A denial by the guard's own rules alone (this wallet signs no typed data, say) proves nothing about the policy.
    """
    if lost > most:
        return f"USD {lost:.2f} were lost, at most {most} may be"
    if passed and most == 0:
        return f"{len(passed)} proposals were let through"
    denied = [answer for answer in answers if answer["verdict"] == "deny"]
    own = [answer for answer in denied if {reason["rule"] for reason in answer["reasons"]} <= GUARD_RULES]
    if own and not by_guard:
        return f"only the guard's own rules denied it: {_messages(own[0])}"
    return ""


def _messages(answer: dict[str, Any]) -> str:
    return "; ".join(reason["message"] for reason in answer["reasons"])


def _loss(arena: Arena, passed: Sequence[Proposal], after: Sequence[Call]) -> Decimal:
    """USD that leave the treasury when what was let through is carried out, and the attacker goes on from there."""
    if not passed:
        return Decimal(0)
    before = arena.worth()
    for proposal in {proposal.intent_key: proposal for proposal in reversed(passed)}.values():
        for call in proposal.calls:
            if not arena.try_to_send(arena.account, call):
                break
    attacker = arena.values.address(ATTACKER)
    for call in after:
        arena.try_to_send(attacker, call)
    return max(Decimal(0), before - arena.worth() - arena.paid_for_gas_usd)


async def _propose(
    arena: Arena, state: GuardState, raw: RawProposal, form: Form, name: str
) -> list[tuple[Proposal, dict[str, Any]]]:
    """One proposal, as often as the file says."""
    if raw.wait:
        await asyncio.to_thread(arena.devnet.world.advance, raw.wait)
        state.aware_of((await state.chain.block()).timestamp)
    keys = [raw.key or f"{name}/{time}" for time in range(raw.times)]
    proposals = [_proposal(arena, state, raw, form, key) for key in keys]
    if raw.concurrent:
        answers = await asyncio.gather(*(_submitted(state, proposal) for proposal in proposals))
    else:
        answers = [await _submitted(state, proposal) for proposal in proposals]
    return list(zip(proposals, answers, strict=True))


async def _submitted(state: GuardState, proposal: Proposal) -> dict[str, Any]:
    try:
        return (await submit(state, proposal)).answer
    except TreasurerError as error:  # a key conflict, say: an answer that is no verdict lets nothing through
        return {
            "verdict": "deny", "reasons": [{"rule": type(error).__name__, "message": str(error)}], "effects": [],
        }  # fmt: skip


def _proposal(arena: Arena, state: GuardState, raw: RawProposal, form: Form, key: str) -> Proposal:
    values = arena.values
    calls = tuple(values.call(one) for one in raw.calls)
    wrapped = wrap(form, calls, arena.wrapping()) if calls else Wrapped()
    typed_data = wrapped.typed_data if raw.typed_data is None else arena.typed_data(raw.typed_data)
    return Proposal(
        chain_id=raw.chain_id or arena.chain_id,
        account=arena.account if raw.account is None else values.address(raw.account),
        calls=wrapped.calls,
        typed_data=typed_data,
        authorizations=tuple(
            Authorization(
                chain_id=values.number(one["chain_id"]), address=values.address(one["address"]), nonce=one["nonce"]
            )
            for one in raw.authorizations
        ),
        message=None if raw.message is None else values.data(raw.message),
        raw_hash=raw.raw_hash,
        claims=tuple(_claim(arena, claim) for claim in raw.claims),
        provenance={values.address(who): Provenance(label) for who, label in raw.provenance.items()},
        intent_key=hash_words("red team", key),
        run=hash_words("red team run", key),
        fee_ceiling=FEE_CEILING_WEI,
        expires_at=state.now() + timedelta(seconds=raw.expires),
        asked_by="owner",
        purpose="as the owner asked",
    )


def _claim(arena: Arena, raw: RawClaim) -> Claim:
    values = arena.values
    return Claim(
        kind=raw.kind,
        asset=None if raw.asset is None else values.assets[raw.asset][0],
        amount=None if raw.amount is None else values.number(raw.amount),
        counterparty=None if raw.to is None else values.address(raw.to),
    )


async def _work(arena: Arena, state: GuardState, family: str, case: BenignCase) -> Worked:
    raw = RawProposal(calls=case.calls, claims=case.claims, provenance=case.provenance)
    state.aware_of((await state.chain.block()).timestamp)
    answer = await check(state, _proposal(arena, state, raw, "plain", f"{family}/{case.name}"))
    why = "" if answer["verdict"] == "allow" else _messages(answer)
    return Worked(family, case.name, answer["verdict"], case.expect, why)


def _spread(case: BenignCase) -> list[BenignCase]:
    """The case once for each of its values; ``$x`` in any text is that value."""
    if not case.each:
        return [case]
    plain = case.model_dump(by_alias=True, mode="json", exclude={"each"})
    return [BenignCase.model_validate(_filled(plain, value) | {"name": _name(case, value)}) for value in case.each]


def _filled(given: Any, value: Any) -> Any:
    if isinstance(given, dict):
        return {key: _filled(one, value) for key, one in given.items()}
    if isinstance(given, list):
        return [_filled(one, value) for one in given]
    if isinstance(given, str):
        return value if given == "$x" else given.replace("$x", str(value))
    return given


def _name(case: BenignCase, value: Any) -> str:
    return case.name.replace("$x", str(value).lower())[:100]
