"""time: days and hours on somebody's clocks, through both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treasurer.policies.errors import DocumentError

OFFICE = 'days: [mon-fri], from: "09:00", to: "17:00", timezone: Europe/Zurich'


def decided(world, terms: str, at: str, word: str = "allow") -> str:
    policy = world.rules(f"id: r, {word}: transfer, when: {{time: {{{terms}}}}}")
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return str(world.judge(policy, world.transfer("usdc", "alice", 1), facts=world.facts(at=moment)).decision)


@pytest.mark.parametrize(
    ("at", "decision"),
    [
        ("2026-11-23T09:00:00+01:00", "allow"),
        ("2026-11-23T08:59:59.999999+01:00", "deny"),
        ("2026-11-23T16:59:59.999999+01:00", "allow"),
        ("2026-11-23T17:00:00+01:00", "deny"),
        ("2026-11-22T12:00:00+01:00", "deny"),
        ("2026-07-06T07:00:00+00:00", "allow"),
        ("2026-12-07T07:00:00+00:00", "deny"),
    ],
)
def test_days_and_hours_are_those_of_the_local_clock_in_summer_and_winter(world, at: str, decision: str) -> None:
    assert decided(world, OFFICE, at) == decision


@pytest.mark.parametrize(
    ("at", "decision"),
    [
        ("2026-11-27T22:00:00Z", "allow"),
        ("2026-11-28T05:59:59Z", "allow"),
        ("2026-11-28T06:00:00Z", "deny"),
        ("2026-11-28T22:00:00Z", "deny"),
        ("2026-11-27T05:00:00Z", "deny"),
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_began(world, at: str, decision: str) -> None:
    assert decided(world, 'days: fri, from: "22:00", to: "06:00", timezone: UTC', at) == decision


@pytest.mark.parametrize("at", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])
def test_an_hour_that_the_clocks_show_twice_is_within_both_times(world, at: str) -> None:
    """On 25 October 2026 Zurich's clocks go from 03:00 back to 02:00."""
    assert decided(world, 'from: "02:00", to: "03:00", timezone: Europe/Zurich', at) == "allow"
    assert decided(world, 'from: "03:00", to: "04:00", timezone: Europe/Zurich', at) == "deny"


def test_an_hour_that_the_clocks_leave_out_never_comes(world) -> None:
    """On 29 March 2026 Zurich's clocks go from 02:00 to 03:00."""
    for minute in range(0, 120, 5):
        at = f"2026-03-29T{minute // 60:02}:{minute % 60:02}:00Z"
        assert decided(world, 'from: "02:00", to: "03:00", timezone: Europe/Zurich', at) == "deny"
    assert decided(world, 'from: "03:00", to: "04:00", timezone: Europe/Zurich', "2026-03-29T01:00:00Z") == "allow"


@pytest.mark.parametrize(
    ("at", "decision"),
    [
        ("2026-12-24T22:59:59Z", "allow"),
        ("2026-12-24T23:00:00Z", "deny"),
        ("2026-12-31T12:00:00Z", "deny"),
        ("2027-01-02T22:59:59Z", "deny"),
        ("2027-01-02T23:00:00Z", "allow"),
        ("2026-08-01T12:00:00Z", "deny"),
    ],
)
def test_excepted_dates_are_local_and_include_both_ends(world, at: str, decision: str) -> None:
    terms = "timezone: Europe/Zurich, except: [2026-12-25..2027-01-02, 2026-08-01]"
    assert decided(world, terms, at) == decision


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ('from: "09:00", to: "17:00"', "whose clocks"),
        ("days: [mon], timezone: Europe/Zürich", 'did you mean "Europe/Zurich"'),
        ("days: [mon], timezone: ../../etc/passwd", "no time zone"),
        ("days: [monday], timezone: UTC", "as in mon-fri"),
        ("days: [], timezone: UTC", "name at least one"),
        ('from: "09:00", timezone: UTC', "from and to belong together"),
        ('from: "9:00", to: "24:00", timezone: UTC', "hours and minutes in quotes"),
        ("from: 900, to: 1700, timezone: UTC", "hours and minutes in quotes"),
        ("except: [2026-02-30], timezone: UTC", "as in 2026-12-25"),
        ("except: [2026-12-25..2026-12-24], timezone: UTC", "ends before it begins"),
        ("timezone: UTC", "give at least one of"),
        ("day: mon, timezone: UTC", 'did you mean "days"'),
    ],
)
def test_times_that_are_not_written_so_are_faults(world, terms: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        decided(world, terms, "2026-11-23T12:00:00Z")


def test_a_span_of_days_runs_over_the_weekend(world) -> None:
    for day, decision in (("26", "deny"), ("27", "allow"), ("28", "allow"), ("30", "allow")):
        assert decided(world, "days: fri-mon, timezone: UTC", f"2026-11-{day}T12:00:00Z") == decision
    assert decided(world, "days: fri-mon, timezone: UTC", "2026-12-01T12:00:00Z") == "deny"
