"""A verdict that is worded when somebody reads it cannot be told from one that was worded at once."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from pydantic import BaseModel, ValidationError

from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import Spent
from treasurer.policies.verdict import Approvals, Reason, Verdict

REASONS = (Reason(rule="pay", condition="approvals", actual="a", limit="b", message="pay asks people"),)
SPENT = (Spent(intent="0x1", counter="count", base_units=1),)
EFFECTS = (Effect(kind=Kind.VOTE),)
APPROVALS = (Approvals(quorum=1, of=("ann",), expires_seconds=60),)
WHOLE = Verdict(
    decision="escalate", reasons=REASONS, effects=EFFECTS, approvals=APPROVALS, skipped=("gas",), spent=SPENT
)


class _Holder(BaseModel):
    verdict: Verdict


def later(asked: list[str] | None = None) -> Verdict:
    def find(name: str, value: tuple[object, ...]) -> Callable[[], tuple[object, ...]]:
        def found() -> tuple[object, ...]:
            if asked is not None:
                asked.append(name)
            return value

        return found

    return Verdict.told_later(
        "escalate",
        EFFECTS,
        APPROVALS,
        ("gas",),
        reasons=find("reasons", REASONS),  # type: ignore[arg-type]
        spent=find("spent", SPENT),  # type: ignore[arg-type]
    )


def test_nothing_is_found_before_it_is_read_and_each_once() -> None:
    asked: list[str] = []
    verdict = later(asked)
    assert (verdict.decision, verdict.effects, verdict.approvals, verdict.skipped, asked) == (
        "escalate", EFFECTS, APPROVALS, ("gas",), [],
    )  # fmt: skip
    assert verdict.reasons == verdict.reasons == REASONS
    assert asked == ["reasons"]
    assert verdict.spent == SPENT
    assert verdict == WHOLE
    assert asked == ["reasons", "spent"]


@pytest.mark.parametrize(
    "look",
    [
        lambda verdict: verdict.model_dump(),
        lambda verdict: verdict.model_dump(mode="json", include={"decision", "spent", "reasons"}),
        lambda verdict: verdict.model_dump_json(),
        lambda verdict: _Holder(verdict=verdict).model_dump_json(),
        lambda verdict: [*verdict],
        dict,
        vars,
        lambda verdict: list(vars(verdict)),
        repr,
        str,
        hash,
        copy.copy,
        copy.deepcopy,
        lambda verdict: verdict.model_copy(update={"decision": "deny"}),
        lambda verdict: pickle.loads(pickle.dumps(verdict)),
        lambda verdict: Verdict.model_validate(verdict.model_dump()),
        lambda verdict: Verdict.model_validate_json(verdict.model_dump_json()),
        lambda verdict: verdict.model_fields_set,
        lambda verdict: verdict == WHOLE,
        lambda verdict: verdict == WHOLE.model_copy(update={"spent": ()}),
        lambda verdict: verdict in {WHOLE},
    ],
)
def test_whoever_looks_at_the_whole_finds_it_whole(look: Callable[[Verdict], object]) -> None:
    assert look(later()) == look(WHOLE)


def test_it_stays_frozen_and_has_no_other_names() -> None:
    verdict = later()
    with pytest.raises(ValidationError, match="frozen"):
        verdict.decision = "allow"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        getattr(verdict, "later")  # noqa: B009 - no such attribute to a type checker either
