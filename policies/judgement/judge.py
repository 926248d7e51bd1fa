"""judge: policy, book, proposal and facts in, verdict out. Pure; default is deny, and the order of rules never
matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ..book.book import Book
from ..conditions import Subject, Truth
from ..decode import derive_effects
from ..effect import Effect, Kind
from ..explain.render import render_effect
from ..facts import Facts, Spent
from ..kinds import ALLOWABLE
from ..language.policy import Policy
from ..language.rules import Rule
from ..proposal import Proposal
from ..trusted import made
from ..verdict import Approvals, Decision, Reason, Verdict
from ..worth import Unknown
from .approvals import asked
from .breakers import tripped
from .claims import contradictions, simulation_denials
from .compiled import CompiledMatcher, compiled
from .defence import is_defence
from .demands import unmet
from .ens import unresolved
from .limits import counted, held
from .matching import Matcher, Shortfall
from .pins import unpinned
from .timelock import too_new


def judge(policy: Policy, book: Book, proposal: Proposal, facts: Facts) -> Verdict:
    """The verdict on ``proposal``: the worst of its effects, then limits and breakers, which only deny."""
    effects = derive_effects(
        proposal,
        book,
        total_supplies=facts.total_supplies,
        allowances=facts.allowances,
        static=facts.static,
    )
    judged = _Judged(policy, book, proposal, facts, effects)
    found = [judged.effect(index) for index in range(len(effects))]
    by_rules = _worst(found)
    denials = _standing_denials(policy, proposal, facts, effects)
    if not facts.static:
        denials += unpinned(effects, proposal, book, facts)
    if book.ens_names:
        denials += unresolved(effects, proposal, book, facts)
    if proposal.claims:
        denials += contradictions(proposal.claims, effects)
    if not facts.static:
        denials += simulation_denials(effects, proposal, book, facts)
    skipped: list[str] = []
    left_out: list[str] = []
    if policy.timelock is not None:
        new, left_out = too_new(policy, effects, proposal, book, facts)
        denials += new
    spent: Callable[[], tuple[Spent, ...]] = tuple
    if by_rules != "deny" and not denials:
        spent = partial(_counted, effects, proposal, book, facts, found)
        if policy.balance_demands:
            denials += unmet(policy, judged.subjects, [answer.ids for answer in found])
        if policy.limits:
            now = spent()
            spent = partial(tuple, now)
            over, skipped = held(policy, book, proposal, facts, now)
            denials += over
        skipped += left_out
        if policy.breakers:
            stops, left_out = tripped(policy, book, proposal.chain_id, facts)
            skipped += left_out
            if stops and not is_defence(effects, proposal, facts):
                denials += stops
    decision: Decision = "deny" if denials else by_rules
    told = found if decision == by_rules else ()
    return Verdict.told_later(
        decision,
        effects,
        _approvals(found) if decision == "escalate" else (),
        tuple(skipped),
        reasons=partial(_reasons, decision, told, denials),
        spent=tuple if decision == "deny" else spent,
    )


def _worst(found: Sequence[_Answer]) -> Decision:
    if len(found) == 1:
        return found[0].decision
    decisions = {answer.decision for answer in found}
    if "deny" in decisions or not decisions:
        return "deny"
    return "escalate" if "escalate" in decisions else "allow"


def _approvals(found: Sequence[_Answer]) -> tuple[Approvals, ...]:
    return tuple(dict.fromkeys(terms for answer in found for terms in answer.approvals))


def _reasons(decision: Decision, told: Sequence[_Answer], denials: Sequence[Reason]) -> tuple[Reason, ...]:
    """Those of the rules for the effects that make it so, and what denies beside."""
    of_rules = [reason for answer in told if answer.decision == decision for reason in answer.tell()]
    return tuple(dict.fromkeys([*of_rules, *denials]))


def _counted(
    effects: Sequence[Effect], proposal: Proposal, book: Book, facts: Facts, found: Sequence[_Answer]
) -> tuple[Spent, ...]:
    return counted(effects, proposal, book, facts, rules=[answer.ids for answer in found])


class _Answer:
    """What the rules say of one effect; ``rules``: those that let it through; ``tell`` words the reasons."""

    __slots__ = ("approvals", "decision", "rules", "tell")

    def __init__(
        self,
        decision: Decision,
        tell: Callable[[], list[Reason]],
        rules: Sequence[Rule] = (),
        approvals: tuple[Approvals, ...] = (),
    ) -> None:
        self.decision = decision
        self.tell = tell
        self.rules = rules
        self.approvals = approvals

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the rules, in the order of their names: that of the policy never matters."""
        return tuple(sorted(rule.id for rule in self.rules))


class _Judged:
    """The effects of one proposal before the rules of a policy."""

    def __init__(
        self, policy: Policy, book: Book, proposal: Proposal, facts: Facts, effects: tuple[Effect, ...]
    ) -> None:
        self._policy = policy
        self._effects = effects
        self.subjects = [Subject(effect, proposal, book, facts, effects, index) for index, effect in enumerate(effects)]
        if proposal.chain_id in policy.chains:
            self._matcher: Matcher = CompiledMatcher(compiled(policy, book), self.subjects)
        else:
            self._matcher = Matcher(policy, self.subjects)

    def effect(self, index: int) -> _Answer:
        """Any matching deny rule, deny; else any matching escalate rule, escalate; else any allow rule, allow; else
        deny.
        """
        effect = self._effects[index]
        denials: list[tuple[Rule, Truth]] = []
        escalations: list[Rule] = []
        allowances: list[Rule] = []
        for rule, truth in self._matcher.matches(index):
            if rule.deny is not None or (rule.escalate is not None and truth is not True):
                denials.append((rule, truth))
            elif truth is True:
                (allowances if rule.escalate is None else escalations).append(rule)
        if denials:
            return _Answer("deny", partial(self._denied, denials, index))
        if effect.settled_by is not None:
            return self.effect(effect.settled_by)
        if escalations:
            return self._escalated(escalations, index)
        if allowances:
            return _Answer("allow", partial(_allowed, allowances, effect), allowances)
        if effect.kind is Kind.REVOCATION and self._is_known(index):
            return _Answer("allow", list)
        return _Answer("deny", partial(self._no_rule, index))

    def _escalated(self, rules: Sequence[Rule], index: int) -> _Answer:
        """The approvals that all of the rules ask for; deny where those of one can never come."""
        terms = [asked(rule, self.subjects[index].facts) for rule in rules]
        refusals = [found for found in terms if isinstance(found, Reason)]
        if refusals:
            return _Answer("deny", lambda: refusals)
        approvals = tuple(found for found in terms if isinstance(found, Approvals))
        return _Answer("escalate", lambda: [self._asks(rule, index) for rule in rules], rules, approvals)

    def _is_known(self, index: int) -> bool:
        subject = self.subjects[index]
        place = subject.effect.asset or subject.effect.target
        return place is not None and subject.book.knows(place, subject.chain_id)

    def _words(self, index: int) -> str:
        subject = self.subjects[index]
        account = subject.proposal.account
        return render_effect(subject.effect, subject.book, subject.chain_id, subject.facts, account=account)

    def _denied(self, found: Sequence[tuple[Rule, Truth]], index: int) -> list[Reason]:
        return [
            self._unknown(rule, index, truth) if isinstance(truth, Unknown) else self._denies(rule, index)
            for rule, truth in found
        ]

    def _denies(self, rule: Rule, index: int) -> Reason:
        words = self._words(index)
        return Reason(rule=rule.id, condition="deny", actual=words, message=f"{rule.id} denies: {words}")

    def _unknown(self, rule: Rule, index: int, truth: Unknown) -> Reason:
        names = [fault.condition for fault in self._matcher.shortfalls(rule, index) if fault.unknown]
        return Reason(
            rule=rule.id,
            condition=", ".join(names),
            actual=f"{truth.what} is unknown",
            message=f"{rule.id} may speak of this, but {truth.what} is unknown ({self._words(index)})",
        )

    def _asks(self, rule: Rule, index: int) -> Reason:
        assert rule.approvals is not None
        terms = rule.approvals
        people = ", ".join(terms.of)
        return Reason(
            rule=rule.id,
            condition="approvals",
            actual=self._words(index),
            limit=f"{terms.quorum} of {people}",
            message=f"{rule.id} asks people: {terms.quorum} of {people} for: {self._words(index)}",
        )

    def _no_rule(self, index: int) -> list[Reason]:
        """Deny by default, with what each rule that speaks of this kind misses."""
        effect, words = self._effects[index], self._words(index)
        if effect.kind not in ALLOWABLE:
            return [Reason(rule="no-rule", actual=words, message=f"no rule can allow {effect.kind}: {words}")]
        rules = [rule for rule in self._policy.rules_for(effect.kind) if rule.decision != "deny"]
        if not rules:
            return [Reason(rule="no-rule", actual=words, message=f"no rule allows {effect.kind}: {words}")]
        reasons = []
        for rule in rules:
            faults = self._matcher.shortfalls(rule, index)
            missed = "; ".join([_missed(fault) for fault in faults])
            fields = {
                "rule": "no-rule",
                "condition": ", ".join([f"{rule.id}.{fault.condition}" for fault in faults]),
                "actual": "; ".join([fault.actual for fault in faults]),
                "limit": "; ".join([fault.limit for fault in faults]),
                "message": f"no rule allows: {words}; {rule.id} does not: {missed}",
            }
            reasons.append(made(Reason, fields))
        return reasons


def _missed(fault: Shortfall) -> str:
    if fault.unknown:
        return f"{fault.condition} cannot be held to {fault.limit}: {fault.actual}"
    return f"{fault.condition} is {fault.actual}, not {fault.limit}"


def _allowed(rules: Sequence[Rule], effect: Effect) -> list[Reason]:
    return [Reason(rule=rule.id, condition="allow", message=f"{rule.id} allows {effect.kind}") for rule in rules]


def _standing_denials(policy: Policy, proposal: Proposal, facts: Facts, effects: tuple[Effect, ...]) -> list[Reason]:
    """What is denied whatever the rules say."""
    found = []
    if proposal.chain_id not in policy.chains:
        chains = ", ".join(map(str, policy.chains))
        found.append(
            Reason(
                rule="chain",
                condition="chains",
                actual=str(proposal.chain_id),
                limit=chains,
                message=f"the policy is for chain {chains}, not for chain {proposal.chain_id}",
            )
        )
    if proposal.typed_data is not None and (proposal.calls or proposal.authorizations):
        found.append(
            Reason(rule="no-rule", message="calls and typed data in one proposal are two things to sign: split them")
        )
    for item in proposal.authorizations:
        if item.chain_id != proposal.chain_id:
            found.append(
                Reason(
                    rule="no-rule",
                    actual=str(item.chain_id),
                    limit=str(proposal.chain_id),
                    message=f"an authorization for chain {item.chain_id or 'any'} in one for {proposal.chain_id}",
                )
            )
    if not effects:
        found.append(Reason(rule="nothing", message="nothing leaves and nothing is signed: there is nothing to judge"))
    if facts.stopped and not is_defence(effects, proposal, facts):
        found.append(
            Reason(
                rule="stopped",
                message="the wallet is stopped: until an owner resumes only revoke, and for self repay or withdraw",
            )
        )
    return found
