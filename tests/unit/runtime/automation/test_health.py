"""The health-factor trigger fires once, and again only after the factor has recovered above its bound."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.inference import Priority
from treasurer.runtime.automation import Firing, HealthTrigger
from treasurer.runtime.automation.memory import Memory
from treasurer.runtime.bot.configuration import Trigger

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
DEFEND = HealthTrigger(Trigger(id="defend", goal="raise the health factor to 1.8", health_factor_below=Decimal("1.5")))


def _walk(factors: list[str | None]) -> list[Firing | None]:
    armed, fired = True, []
    for block, factor in enumerate(factors):
        read = None if factor is None else Decimal(factor)
        firing, armed = DEFEND.check(read, armed=armed, block_hash=f"0x{block:064x}", at=AT)
        fired.append(firing)
    return fired


@pytest.mark.parametrize(
    ("factors", "blocks"),
    [
        (["2", "1.6", "1.5", "1.49", "1.2", "1.4"], [3]),
        (["1.4", "1.5", "1.4"], [0]),
        (["1.4", "1.51", "1.4"], [0, 2]),
        (["1.4", None, "1.4"], [0, 2]),
        ([None, None], []),
        (["1.5000000000000000001", "1.4999999999999999999"], [1]),
    ],
)
def test_it_fires_once_until_the_factor_recovers(factors: list[str | None], blocks: list[int]) -> None:
    assert [block for block, firing in enumerate(_walk(factors)) if firing is not None] == blocks


@given(st.lists(st.sampled_from(["1.4", "1.5", "1.6"]), max_size=30))
def test_between_two_firings_lies_a_recovery(factors: list[str]) -> None:
    fired = [block for block, firing in enumerate(_walk(list(factors))) if firing is not None]
    for one, other in pairwise(fired):
        assert "1.6" in factors[one:other]


def test_defence_goes_first_and_its_run_is_that_blocks() -> None:
    first, second = (DEFEND.check(Decimal(1), armed=True, block_hash=f"0x{n:064x}", at=AT)[0] for n in (1, 2))
    again, _ = DEFEND.check(Decimal("1.1"), armed=True, block_hash=f"0x{1:064X}", at=AT)
    assert first is not None
    assert second is not None
    assert again is not None
    assert first.priority is Priority.DEFENCE
    assert first.run == again.run != second.run


def test_what_fired_and_whether_it_is_armed_outlive_the_process(tmp_path: Path) -> None:
    firing, armed = DEFEND.check(Decimal(1), armed=True, block_hash="0x01", at=AT)
    memory = Memory(tmp_path / "agent.db")
    assert memory.armed("defend")
    assert memory.last("defend") is None
    memory.arm("defend", armed, firing)
    memory.consider("drip", AT)
    memory.close()
    again = Memory(tmp_path / "agent.db")
    assert not again.armed("defend")
    assert again.last("defend") == firing
    assert (again.considered("drip"), again.considered("other")) == (AT, None)
    again.arm("defend", True)
    assert again.last("defend") == firing, "arming again forgets nothing"
    again.close()
