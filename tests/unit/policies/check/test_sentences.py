"""What a denied line says is one sentence that a person reads: nothing twice, and what is unknown is said to be so."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from treasurer.policies.check.check import check
from treasurer.policies.errors import PolicyError
from treasurer.policies.language.bundle import PolicyBundle

POLICY = "version: 1\nname: t\nchains: [1]\nrules: [{id: pay, allow: transfer, when: {share_of_balance: {max: 5}}}]\n"


def _message(world: Any, call: dict[str, Any], **prices: Decimal) -> str:
    line = {"id": "a", "chain_id": 1, "from": world.account, "calls": [call], "at": "2026-11-23T10:00:00Z"}
    bundle = PolicyBundle.from_bytes(POLICY.encode(), world.book_text.encode())
    (answer,) = check([json.dumps(line)], bundle, prices=prices, balances={}, static=True)
    return str(answer["reasons"][0]["message"])


def test_what_is_unknown_cannot_be_held_to_its_bound(world: Any) -> None:
    said = _message(world, world.transfer("usdc", "alice", 5).model_dump(mode="json"))
    assert "share_of_balance cannot be held to at most 5 % of the balance: the balance of usdc is unknown" in said


def test_what_is_unknown_of_a_call_is_said_once(world: Any) -> None:
    said = _message(world, {"to": "0x" + "77" * 20, "value": "0", "data": "0x12345678"})
    assert said.startswith("no rule can allow unknown: ")
    assert said.count("(") == 1


def test_a_price_by_a_label_in_capitals_names_the_label(world: Any) -> None:
    with pytest.raises(PolicyError, match='did you mean "usdc"'):
        _message(world, {}, USDC=Decimal(1))
