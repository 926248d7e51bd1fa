"""The table of kinds: every kind has a row, and what the rows say agrees with what the counters and decoders do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import treasurer.policies
from treasurer.policies import kinds
from treasurer.policies.effect import Kind
from treasurer.policies.judgement.limits import counted
from treasurer.policies.kinds import TABLE

POLICIES = Path(treasurer.policies.__file__).parent


def test_every_kind_has_a_row() -> None:
    assert list(TABLE) == list(Kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_counters_are_those_that_the_judge_adds_to(world, kind: Kind) -> None:
    from treasurer.policies.effect import Effect

    effect = Effect(
        kind=kind, asset=world.at("usdc"), amount=5, counterparty=world.at("mallory"), on_behalf_of=world.at("mallory")
    )
    rows = counted((effect,), world.propose(), world.book, world.facts())
    assert {row.counter for row in rows} - {"gas", "count"} == set(TABLE[kind].counts)


@pytest.mark.parametrize("kind", [kind for kind, row in TABLE.items() if row.own])
def test_what_is_for_the_account_unless_said_is_no_outflow_to_it(world, kind: Kind) -> None:
    from treasurer.policies.effect import Effect

    effect = Effect(kind=kind, asset=world.at("usdc"), amount=5, on_behalf_of=world.account)
    rows = counted((effect,), world.propose(), world.book, world.facts())
    assert not [row for row in rows if row.counter == "outflow"]


def test_a_set_of_kinds_never_mixes_what_may_be_allowed_with_what_may_not_by_accident() -> None:
    for kinds_of_outflow in (kinds.LEAVES, kinds.OPENS, kinds.SENT, kinds.KEPT, kinds.VALUE_TO_SOMEBODY):
        assert kinds_of_outflow <= kinds.ALLOWABLE
    assert not kinds.WITHOUT_END & kinds.ALLOWABLE
    assert not kinds.SENT & kinds.KEPT


def test_no_other_file_writes_a_set_down_that_the_table_tells() -> None:
    told = {value: name for name, value in vars(kinds).items() if isinstance(value, frozenset)}
    again = []
    for path in sorted(POLICIES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if path.name != "kinds.py" and isinstance(node, ast.Set | ast.Tuple | ast.List) and len(node.elts) > 2:
                named = [
                    Kind[item.attr]
                    for item in node.elts
                    if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id == "Kind"
                ]
                if len(named) == len(node.elts) and frozenset(named) in told:
                    again.append(f"{path.relative_to(POLICIES)}: {told[frozenset(named)]}")
    assert not again, "read it off policies/kinds.py"
