"""Rules that can never do what they say: unreachable, overruled, always escalated, shadowed. Searched with z3."""

from __future__ import annotations

from typing import Any

from ...conditions.names import Addresses
from ...effect import Kind
from ...kinds import ALLOWABLE, DRAWS
from ...language.rules import Rule
from ..meaning import RuleOnShape, on_shape
from ..prove.encoding import Encoding
from ..shapes import Shape, Shapes
from .finding import Desk


def check_reach(desk: Desk) -> None:
    """Adds what it finds to the desk."""
    reachable: list[Rule] = []
    for position, rule in enumerate(desk.policy.rules):
        kinds = [kind for kind in rule.kinds if kind in ALLOWABLE]
        if len(kinds) < len(rule.kinds):
            continue  # a deny rule that names a danger is never in vain
        groups = [group for kind in kinds for group in _groups(desk, kind)]
        path = ("rules", position, "id")
        if not any(_possible(desk, group, rule, ()) for group in groups):
            empty = _empty_sections(desk, rule)
            desk.policy_says(
                "empty-section" if empty else "unreachable-rule",
                path,
                f"{rule.id} matches nothing yet: the book has nobody in {', '.join(empty)}"
                if empty
                else f"{rule.id} can never match: no {', '.join(kinds)} meets all of its conditions",
                "a rule that never matches is a wish that nobody carries out",
                "look at its conditions together: does the effect have such a recipient, asset or venue at all?",
            )
            continue
        reachable.append(rule)
        if rule.decision != "deny":
            _check_overruled(desk, rule, groups, path)
    _check_shadows(desk, reachable)
    _check_denied_approvals(desk)


def _check_denied_approvals(desk: Desk) -> None:
    users = [rule for rule in desk.policy.rules if rule.decision != "deny" and DRAWS & set(rule.kinds)]
    for position, rule in enumerate(desk.policy.rules):
        if users and rule.decision == "deny" and Kind.APPROVAL in rule.kinds and not rule.when:
            desk.policy_says(
                "denied-approvals",
                ("rules", position, "id"),
                f"{rule.id} denies every approval, and so all of {', '.join(item.id for item in users)} but the coin's",
                "a token moves only after an approval; one that is used up passes with what used it, unless denied",
                "take approval out of the deny rule: what no rule allows is denied anyway",
            )


def _empty_sections(desk: Desk, rule: Rule) -> list[str]:
    """Sections that the rule names and that have no entry on the policy's chains."""
    named = [among.sections for item in rule.when if isinstance(among := getattr(item, "among", None), Addresses)]
    book, chains = desk.bundle.book, desk.policy.chains
    return [name for sections in named for name in sections if not any(book.section(name, chain) for chain in chains)]


def _check_overruled(desk: Desk, rule: Rule, groups: list[list[RuleOnShape]], path: tuple[str | int, ...]) -> None:
    if not any(_possible(desk, group, rule, ("deny",)) for group in groups):
        deniers = {on.rule.id for group in groups for on in group if on.rule.decision == "deny" and not on.fails}
        desk.policy_says(
            "overruled-rule",
            path,
            f"{rule.id} never lets anything through: {', '.join(sorted(deniers))} denies all of it",
            "any matching deny rule wins, wherever it stands",
            "narrow the deny rule, or remove this one",
        )
    elif rule.decision == "allow" and not any(_possible(desk, group, rule, ("deny", "escalate")) for group in groups):
        askers = {on.rule.id for group in groups for on in group if on.rule.decision == "escalate" and not on.fails}
        desk.policy_says(
            "always-escalated",
            path,
            f"{rule.id} never allows on its own: {', '.join(sorted(askers))} asks people for all of it",
            "an escalate rule that matches comes before every allow rule",
            "bound the escalate rule from below, as in usd: {above: 1000}, or remove this rule",
        )


def _groups(desk: Desk, kind: Kind) -> list[list[RuleOnShape]]:
    """The rules of a kind on its shapes, once each for shapes that they do not tell apart. Each has its shape."""
    found: dict[tuple[object, ...], list[RuleOnShape]] = {}
    rules = desk.policy.rules_for(kind)
    for shape in Shapes(desk.world).of(kind):
        on = on_shape(desk.world, rules, shape)
        found.setdefault((tuple(item.key for item in on), shape.effect.amount is None), _Seen(on, shape))
    return list(found.values())


class _Seen(list[RuleOnShape]):
    def __init__(self, on: tuple[RuleOnShape, ...], shape: Shape) -> None:
        super().__init__(on)
        self.shape = shape


def _possible(desk: Desk, group: list[RuleOnShape], rule: Rule, unless: tuple[str, ...]) -> bool:
    """Whether the rule can match an effect of the group while no rule of the decisions ``unless`` does.

    Against other rules an effect is looked at alone: what else a proposal holds only adds to its sums.
    """
    mine = next((on for on in group if on.rule.id == rule.id), None)
    if mine is None or mine.fails or any(item.known == "unknown" for item in mine.decided):
        return False
    others = [on for on in group if on.rule.decision in unless and not on.fails]
    if not others and not any(item.known is None for item in mine.decided):
        return True
    assert isinstance(group, _Seen)
    encoding = Encoding(desk.world, group.shape, exactly=bool(unless))
    return _sat(encoding, [encoding.matches(mine)], [encoding.may_match(on) for on in others])


def _sat(encoding: Encoding, wanted: list[Any], refused: list[Any]) -> bool:
    import z3

    solver = z3.Solver()
    solver.add(wanted)
    solver.add([z3.Not(formula) for formula in refused])
    solver.add(encoding.variables.bounds)
    return str(solver.check()) != "unsat"


def _check_shadows(desk: Desk, reachable: list[Rule]) -> None:
    """A rule of which each match is a match of one other of the same decision (and the same people)."""
    rules = desk.policy.rules
    shadowed: set[str] = set()
    for position, rule in enumerate(rules):
        for other in reachable if rule in reachable else ():
            if other is rule or other.id in shadowed or not _comparable(rule, other):
                continue
            if all(_covered(desk, group, rule, other) for kind in rule.kinds for group in _groups(desk, kind)):
                shadowed.add(rule.id)
                desk.policy_says(
                    "shadowed-rule",
                    ("rules", position, "id"),
                    f"{rule.id} adds nothing: {other.id} already says {rule.decision} to all that it matches",
                    "what seems to be bounded here passes by the other rule without this bound",
                    f"remove it, or narrow {other.id}",
                )
                break


def _comparable(rule: Rule, other: Rule) -> bool:
    kinds = [kind for kind in rule.kinds if kind in ALLOWABLE]
    same = rule.decision == other.decision and rule.approvals == other.approvals
    return same and len(kinds) == len(rule.kinds) and set(rule.kinds) <= set(other.kinds)


def _covered(desk: Desk, group: list[RuleOnShape], rule: Rule, other: Rule) -> bool:
    mine = next(on for on in group if on.rule.id == rule.id)
    theirs = next(on for on in group if on.rule.id == other.id)
    if mine.fails:
        return True
    if theirs.failing:
        return False
    assert isinstance(group, _Seen)
    encoding = Encoding(desk.world, group.shape, exactly=True)
    return not _sat(encoding, [encoding.matches(mine)], [encoding.matches(theirs)])
