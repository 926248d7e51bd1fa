"""A permit of Permit2 with a witness: what is bound counts as the permit does, and to the letter."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.typed_data import TypedData

from .signatures import kinds, witnessed

Effects = Callable[..., tuple[Effect, ...]]


@pytest.mark.parametrize("batch", [False, True])
def test_a_witness_binds_the_spender_and_the_permit_counts(
    effects_of: Effects, who: SimpleNamespace, batch: bool
) -> None:
    (effect,) = effects_of(typed_data=witnessed(who, batch))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.PERMIT, who.usdc, 5, who.router)
    assert effect.note.endswith(f"witness: {{buyer: {who.alice}, lots: [{{size: 3}}], tick: -5, data: 0xabcd}}")
    assert TypedData.model_validate(witnessed(who, batch)).signing_hash()


def _spoilt(who: SimpleNamespace, name: str) -> dict[str, Any]:
    typed = witnessed(who)
    types, primary = typed["types"], typed["types"]["PermitWitnessTransferFrom"]
    if name == "another member":
        primary.append({"name": "more", "type": "uint256"})
        typed["message"]["more"] = 1
    elif name == "no witness":
        del primary[4], typed["message"]["witness"], types["Order"], types["Lot"]
    elif name == "members in another order":
        primary[0], primary[1] = primary[1], primary[0]
    elif name == "a smaller number":
        types["TokenPermissions"][1]["type"] = "uint8"
    elif name == "an unused type":
        types["Unused"] = [{"name": "x", "type": "uint256"}]
    elif name == "a struct called uint256":
        types["uint256"] = [{"name": "x", "type": "address"}]
    elif name == "a member twice":
        types["Lot"] *= 2
    elif name == "an alias":
        types["Lot"][0]["type"] = "uint"
    elif name == "no type":
        del types["Lot"][0]["type"]
    elif name == "an endless type":
        types["Lot"][0]["type"] = "Lot"
    else:
        raise AssertionError(name)
    return typed


@pytest.mark.parametrize(
    "name",
    [
        "another member",
        "no witness",
        "members in another order",
        "a smaller number",
        "an unused type",
        "a struct called uint256",
        "a member twice",
        "an alias",
        "no type",
        "an endless type",
    ],
)
def test_a_witness_that_is_not_to_the_letter_is_unknown(effects_of: Effects, who: SimpleNamespace, name: str) -> None:
    assert kinds(effects_of(typed_data=_spoilt(who, name))) == ["unknown"]
