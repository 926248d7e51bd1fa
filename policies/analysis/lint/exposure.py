"""What rules expose: recipients, amounts and spenders that nothing bounds."""

from __future__ import annotations

from ...conditions import Condition
from ...effect import Kind
from ...kinds import LETS_TAKE, VALUE_TO_SOMEBODY
from ...language.rules import Rule
from ..meaning import on_shape
from ..shapes import Shapes
from .finding import Desk

_AMOUNT = frozenset({"usd", "amount", "share_of_balance", "allowance_after", "balance_change"})


def check_exposure(desk: Desk) -> None:
    """Adds what it finds to the desk."""
    for position, rule in enumerate(desk.policy.rules):
        if rule.decision == "deny":
            continue
        path = ("rules", position, "id")
        strange = _reaches_strangers(desk, rule)
        bounded = any(condition.name in _AMOUNT for condition in rule.when)
        if strange:
            _strangers(desk, rule, path, strange, bounded=bounded)
        _spenders(desk, rule, path)
        _numbers(desk, rule, path)


def _strangers(desk: Desk, rule: Rule, path: tuple[str | int, ...], strange: list[Kind], *, bounded: bool) -> None:
    kinds = ", ".join(strange)
    if rule.decision == "allow" and not bounded and not any(map(_is_free, rule.when)):
        desk.policy_says(
            "allow-all",
            path,
            f"{rule.id} allows {kinds} of any amount to anybody",
            "one message that fools the planner empties the treasury",
            "add to: {book: payees} (or recipient: self) and usd: {max: ..}",
        )
    elif any(condition.name == "provenance" for condition in rule.when):
        desk.policy_says(
            "provenance-alone",
            path,
            f"{rule.id} lets {kinds} go to anybody whom a message named",
            "provenance narrows what a rule admits; alone it trusts whoever wrote the message",
            "name recipients of the book: to: {book: payees}",
        )
    elif rule.decision == "allow":
        desk.policy_says(
            "no-recipient",
            path,
            f"{rule.id} lets {kinds} go to a stranger",
            "an address that nobody wrote into the book gets value, or the right to take it",
            "add to: {book: payees}, recipient: self, spender: {book: venues} or on_behalf_of: self",
        )


def _is_free(condition: Condition) -> bool:
    return condition.name in ("recipient_known_for", "on_list", "lookalike", "plugin", "typed_message", "message_text")


def _reaches_strangers(desk: Desk, rule: Rule) -> list[Kind]:
    """The kinds by which the rule, alone, would give a stranger value."""
    world, found = desk.world, []
    for kind in rule.kinds:
        if kind not in VALUE_TO_SOMEBODY:
            continue
        shapes = (shape for shape in Shapes(world).of(kind) if shape.party == world.stranger)
        if any(not on_shape(world, (rule,), shape)[0].failing for shape in shapes):
            found.append(kind)
    return found


def _spenders(desk: Desk, rule: Rule, path: tuple[str | int, ...]) -> None:
    world, book = desk.world, desk.bundle.book
    for kind in (kind for kind in rule.kinds if kind in LETS_TAKE):
        for shape in Shapes(world).of(kind):
            spender = shape.effect.counterparty
            if spender is None or spender == world.stranger or book.venue(spender, shape.chain_id) is not None:
                continue
            if not on_shape(world, (rule,), shape)[0].failing:
                label = book.label_of(spender, shape.chain_id) or "the account itself"
                desk.policy_says(
                    "spender-outside-venues",
                    path,
                    f"{rule.id} lets {label} take an allowance, and it is no venue of the book",
                    "an allowance is spent whenever its holder likes; only contracts whose code is pinned should",
                    "write spender: {book: venues}, or name the venues",
                )
                return


def _numbers(desk: Desk, rule: Rule, path: tuple[str | int, ...]) -> None:
    names = {condition.name for condition in rule.when}
    if Kind.SWAP in rule.kinds and "slippage_bps" not in names and rule.decision == "allow":
        desk.policy_says(
            "swap-without-slippage",
            path,
            f"{rule.id} allows swaps at any price",
            "a swap for nothing is a gift to whoever trades beside it",
            "add slippage_bps: {max: 50, against: oracle}",
        )
    if Kind.PERMIT in rule.kinds and "deadline" not in names:
        desk.policy_says(
            "deadline-without-cap",
            path,
            f"{rule.id} lets signatures through that work for ever",
            "a signature that is not used today can be used in a year, whatever the policy says then",
            "add deadline: {max: 1h}",
        )
