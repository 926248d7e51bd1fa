"""A value that is made without validation is the value that validation would have made."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import Facts, Spent
from treasurer.policies.proposal import Proposal
from treasurer.policies.trusted import made
from treasurer.policies.verdict import Reason
from treasurer.wallets.call import Authorization, Call
from treasurer.wallets.digest import Approvable

AT = datetime(2026, 11, 24, tzinfo=UTC)
ALICE, KEY = "0x" + "a" * 40, "0x" + "1" * 64
VALUES: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (Effect, {"kind": Kind.TRANSFER, "asset": "native", "amount": 2**256 - 1, "counterparty": ALICE}),
    (Effect, {"kind": Kind.UNKNOWN, "unknown": ("what it does",), "path": (1, 0)}),
    (Reason, {"rule": "pay", "message": "pay allows transfer"}),
    (Spent, {"intent": KEY, "counter": "outflow", "base_units": 5, "usd": Decimal("5.10"), "rules": ("pay",)}),
    (Facts, {"at": AT, "static": True, "not_held": ("gas",), "spent": ()}),
    (Call, {"to": None, "value": 1, "data": b"\x01"}),
    (Authorization, {"chain_id": 0, "address": ALICE, "nonce": 1}),
    (Approvable, {"intent_key": KEY, "chain_id": 1, "account": ALICE, "expiry": 5, "policy_cid": "bafy"}),
    (Proposal, {"chain_id": 1, "account": ALICE, "intent_key": KEY, "run": "r", "expires_at": AT, "calls": ()}),
]


@pytest.mark.parametrize(("model", "fields"), VALUES)
def test_a_made_value_is_the_validated_one(model: type[BaseModel], fields: dict[str, Any]) -> None:
    value, validated = made(model, fields), model(**fields)
    assert value == validated
    assert hash_of(value) == hash_of(validated)
    assert (repr(value), value.model_fields_set) == (repr(validated), validated.model_fields_set)
    assert value.model_dump_json() == validated.model_dump_json()
    assert value.model_dump_json(exclude_unset=True) == validated.model_dump_json(exclude_unset=True)
    assert copy.deepcopy(value) == value.model_copy() == validated


def hash_of(value: BaseModel) -> object:
    try:
        return hash(value)
    except TypeError:
        return "holds a dict"


@pytest.mark.parametrize("model", {model for model, _ in VALUES})
def test_no_default_has_to_be_computed(model: type[BaseModel]) -> None:
    """A default that a factory makes would be left out, and one without would be None."""
    assert not [name for name, field in model.model_fields.items() if field.default_factory is not None]
