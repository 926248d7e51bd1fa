"""The ledger: reservations inside the caller's transaction, over two real connections."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from decimal import Decimal

import pytest

from treasurer.policies.budget.ledger import Ledger
from treasurer.policies.errors import LedgerError
from treasurer.policies.facts import EVERY_RULE, Spent

TOKEN, SPENDER, ME, OTHER = ("0x" + digit * 40 for digit in "1234")


def row(intent: str, usd: int, **more) -> Spent:
    return Spent(intent=intent, counter="outflow", asset=TOKEN, base_units=usd, usd=Decimal(usd), chain_id=1, **more)


def connect(path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


@pytest.fixture
def path(tmp_path):
    connection = connect(tmp_path / "guard.db")
    Ledger(connection).create_tables()
    connection.close()
    return tmp_path / "guard.db"


@pytest.fixture
def ledger(path):
    connection = connect(path)
    yield Ledger(connection)
    connection.close()


def test_a_reservation_counts_until_it_is_released(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 5), row("a", 6)])
    assert ledger.spent(ME, now=world.noon) == (row("a", 5), row("a", 6))
    assert ledger.spent(OTHER, now=world.noon) == ()
    assert ledger.spent(ME, now=world.noon, without_intent="a") == ()
    ledger.release("a")
    assert ledger.spent(ME, now=world.noon) == ()


def test_reserving_again_replaces_what_is_still_open(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 5), row("a", 6)])
    ledger.reserve(ME, "a", [row("a", 7)])
    assert ledger.spent(ME, now=world.noon) == (row("a", 7),)


def test_settled_rows_carry_their_inclusion_time(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 5)])
    ledger.settle("a", world.noon)
    assert ledger.spent(ME, now=world.noon)[0].at == world.noon
    ledger.settle("a", world.noon + timedelta(seconds=12))
    assert ledger.spent(ME, now=world.noon)[0].at == world.noon + timedelta(seconds=12), "after a reorg"


def test_what_is_settled_cannot_be_given_back_or_reserved_again(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 5)])
    ledger.settle("a", world.noon)
    with pytest.raises(LedgerError, match="cannot be given back"):
        ledger.release("a")
    with pytest.raises(LedgerError, match="an intent of its own"):
        ledger.reserve(ME, "a", [row("a", 5)])
    with pytest.raises(LedgerError, match="nothing is reserved"):
        ledger.settle("b", world.noon)


def test_since_leaves_out_what_no_window_reaches(ledger, world) -> None:
    for day in range(3):
        ledger.reserve(ME, str(day), [row(str(day), 1)])
        ledger.settle(str(day), world.noon - timedelta(days=day))
    ledger.reserve(ME, "open", [row("open", 1)])
    found = ledger.spent(ME, now=world.noon, since=world.noon - timedelta(days=1))
    assert [item.intent for item in found] == ["0", "open"]


def test_an_allowance_stands_after_it_is_settled_and_ages_from_its_revocation(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 100, standing=True, recipient=SPENDER)])
    ledger.settle("a", world.noon - timedelta(days=90))
    assert ledger.spent(ME, now=world.noon)[0].at is None
    ledger.revoke(ME, 1, TOKEN, SPENDER, world.noon)
    (found,) = ledger.spent(ME, now=world.noon)
    assert (found.standing, found.at) == (False, world.noon)


def test_consumption_converts_an_allowance_and_never_doubles_it(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 100, standing=True, recipient=SPENDER)])
    ledger.settle("a", world.noon)
    later = world.noon + timedelta(hours=1)
    assert ledger.consume(ME, 1, TOKEN, SPENDER, 30, later) == 0
    rows = ledger.spent(ME, now=later)
    assert {(item.base_units, item.usd, item.standing, item.at) for item in rows} == {
        (30, Decimal(30), False, later),
        (70, Decimal(70), True, None),
    }
    assert ledger.consume(ME, 1, TOKEN, SPENDER, 80, later) == 10, "ten that nobody was cleared for"
    assert sum(item.base_units for item in ledger.spent(ME, now=later)) == 100


def test_shares_of_a_worth_are_rounded_against_us(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 3, standing=True, recipient=SPENDER).model_copy(update={"usd": Decimal(1)})])
    ledger.settle("a", world.noon)
    ledger.consume(ME, 1, TOKEN, SPENDER, 1, world.noon)
    assert sum(item.usd for item in ledger.spent(ME, now=world.noon)) >= 1


def test_amounts_of_256_bits_and_unknown_worths_survive(ledger, world) -> None:
    large = Spent(intent="a", counter="outflow", asset=TOKEN, base_units=2**256 - 1, usd=None, chain_id=1)
    exact = row("a", 1).model_copy(update={"usd": Decimal("0.000000000000000001")})
    ledger.reserve(ME, "a", [large, exact])
    assert ledger.spent(ME, now=world.noon) == (large, exact)


def test_it_takes_part_in_the_callers_transaction(path, world) -> None:
    """What is rolled back was never reserved; and a second writer waits for the first."""
    one, two = connect(path), connect(path)
    one.execute("BEGIN IMMEDIATE")
    Ledger(one).reserve(ME, "a", [row("a", 5)])
    assert one.in_transaction
    assert Ledger(two).spent(ME, now=world.noon) == (), "not committed: not seen"
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        two.execute("BEGIN IMMEDIATE")
    one.execute("ROLLBACK")
    two.execute("BEGIN IMMEDIATE")
    assert Ledger(two).spent(ME, now=world.noon) == ()
    Ledger(two).reserve(ME, "b", [row("b", 6)])
    two.execute("COMMIT")
    assert Ledger(one).spent(ME, now=world.noon) == (row("b", 6),)
    one.close()
    two.close()


def test_two_connections_never_exceed_a_limit_together(path, world) -> None:
    """Each looks, adds and commits inside one transaction: of ten payments of 30 only three fit into 100."""
    connections = [connect(path), connect(path)]
    for number in range(10):
        connection = connections[number % 2]
        connection.execute("BEGIN IMMEDIATE")
        ledger = Ledger(connection)
        if sum(item.base_units for item in ledger.spent(ME, now=world.noon)) + 30 <= 100:
            ledger.reserve(ME, str(number), [row(str(number), 30)])
        connection.execute("COMMIT")
    assert [item.intent for item in Ledger(connections[0]).spent(ME, now=world.noon)] == ["0", "1", "2"]
    for connection in connections:
        connection.close()


def test_rules_and_recipients_survive_and_go_with_what_is_taken(ledger, world) -> None:
    ledger.reserve(ME, "a", [row("a", 100, standing=True, recipient=SPENDER, rules=("earn", "trade"))])
    ledger.settle("a", world.noon)
    ledger.consume(ME, 1, TOKEN, SPENDER, 30, world.noon)
    assert {item.rules for item in ledger.spent(ME, now=world.noon)} == {("earn", "trade")}


def dealing(intent: str, recipient: str) -> Spent:
    return Spent(intent=intent, counter="count", base_units=1, recipient=recipient, chain_id=1, rules=("pay",))


def test_first_dealings_reach_further_back_than_any_window(ledger, world) -> None:
    for day, recipient in ((9, OTHER), (8, OTHER), (7, SPENDER), (0, SPENDER)):
        ledger.reserve(ME, str(day), [dealing(str(day), recipient), row(str(day), 1)])
        ledger.settle(str(day), world.noon - timedelta(days=day))
    since = world.noon - timedelta(days=1)
    assert [item.intent for item in ledger.spent(ME, now=world.noon, since=since)] == ["0", "0"]
    found = ledger.spent(ME, now=world.noon, since=since, first_dealings=True)
    assert [item.intent for item in found] == ["0", "0", "7", "9"], "by recipient"
    assert {item.recipient: item.at for item in found[2:]} == {
        OTHER: world.noon - timedelta(days=9),
        SPENDER: world.noon - timedelta(days=7),
    }


def test_a_table_of_schema_1_gets_its_rules_and_what_it_holds_counts_for_each(tmp_path, world) -> None:
    connection = connect(tmp_path / "old.db")
    columns = "account TEXT, intent TEXT, position INTEGER, counter TEXT, chain_id INTEGER, asset TEXT,"
    columns += " base_units TEXT, usd TEXT, recipient TEXT, standing INTEGER, settled INTEGER DEFAULT 0, at TEXT"
    connection.execute(f"CREATE TABLE ledger ({columns}, PRIMARY KEY (intent, position)) STRICT")
    connection.execute(
        "INSERT INTO ledger VALUES (?, 'a', 0, 'outflow', 1, ?, '5', '5', NULL, 0, 0, NULL)", (ME, TOKEN)
    )
    ledger = Ledger(connection)
    for _ in range(2):
        ledger.create_tables()
    assert ledger.spent(ME, now=world.noon) == (row("a", 5, rules=(EVERY_RULE,)),)
    ledger.reserve(ME, "b", [row("b", 6, rules=("pay",))])
    assert ledger.spent(ME, now=world.noon)[1].rules == ("pay",)
    connection.close()


def test_a_revocation_inside_permit2_leaves_the_tokens_own_allowance_standing(ledger, world) -> None:
    kept = {"recipient": SPENDER, "standing": True}
    ledger.reserve(ME, "a", [row("a", 100, **kept), row("a", 1, **kept, keeper=OTHER)])
    ledger.settle("a", world.noon)
    ledger.revoke(ME, 1, TOKEN, SPENDER, world.noon, keeper=OTHER)
    standing = [one.base_units for one in ledger.spent(ME, now=world.noon) if one.standing]
    assert standing == [100]
    assert ledger.consume(ME, 1, TOKEN, SPENDER, 100, world.noon, keeper=OTHER) == 100
    assert ledger.consume(ME, 1, TOKEN, SPENDER, 60, world.noon) == 0
    assert [one.base_units for one in ledger.spent(ME, now=world.noon) if one.standing] == [40]
