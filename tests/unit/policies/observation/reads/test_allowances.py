"""Allowances are read where they are kept."""

from __future__ import annotations

from treasurer.policies.facts import allowance_key
from treasurer.policies.observation.reads.allowances import allowance_probe, standing
from treasurer.policies.observation.reads.probes import Answers, allowance, kept_allowance
from treasurer.wallets.eip712 import word

ME, X, USDC, PERMIT2 = ("0x" + digits * 20 for digits in ("11", "70", "c0", "22"))
ORDINARY, KEPT = allowance_key(USDC, X), allowance_key(USDC, X, PERMIT2)


def test_the_token_keeps_it_unless_another_contract_does() -> None:
    assert allowance_key(USDC, X, USDC) == ORDINARY
    assert allowance_probe(ORDINARY, ME) == allowance(USDC, ME, X)
    assert allowance_probe(KEPT, ME) == kept_allowance(PERMIT2, ME, USDC, X)


def test_what_permit2_keeps_ends_with_its_second() -> None:
    asked = {key: allowance_probe(key, ME) for key in (ORDINARY, KEPT)}
    answers = Answers({asked[ORDINARY]: word(7), asked[KEPT]: word(5) + word(1000) + word(3)})
    assert standing(asked, answers, 1000) == {ORDINARY: 7, KEPT: 5}
    assert standing(asked, answers, 1001) == {ORDINARY: 7, KEPT: 0}
    assert standing(asked, Answers({}), 1000) == {}
