"""An approval that later effects bring to exactly zero takes their verdict; any other stands for itself."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.decode.draft.settlement import Allowance, Use, settled_approvals
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call

Effects = Callable[..., tuple[Effect, ...]]
SINGLE_IN = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
SINGLE_OUT = "exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))"


class Steps:
    """Calls on USDC and the router, by letters: ``a`` approve, ``s`` sell exactly, ``l`` with a limit, ``b`` buy."""

    def __init__(self, who: SimpleNamespace) -> None:
        self.who = who

    def call(self, step: str) -> Call:
        who, amount = self.who, int(step[1:])
        if step[0] == "a":
            return Call.encode(who.usdc, "approve(address,uint256)", who.router, amount)
        if step[0] == "i":
            return Call.encode(who.usdc, "increaseAllowance(address,uint256)", who.router, amount)
        if step[0] == "p":
            return Call.encode(who.usdc, "approve(address,uint256)", who.pool, amount)
        if step[0] == "r":
            return Call.encode(who.pool, "repay(address,uint256,uint256,address)", who.usdc, amount, 2, who.self)
        if step[0] == "u":
            return Call.encode(who.pool, "supply(address,uint256,address,uint16)", who.usdc, amount, who.self, 0)
        signature, amounts = (SINGLE_OUT, (7, amount)) if step[0] == "b" else (SINGLE_IN, (amount, 7))
        return Call.encode(who.router, signature, (who.usdc, who.weth, 500, who.self, *amounts, int(step[0] == "l")))


@pytest.mark.parametrize(
    ("steps", "settled"),
    [
        ("a1000 s1000", {0: 1}),
        ("a1000 s600 s400", {0: 2}),
        ("a1001 s1000", {}),
        ("a1000 s1001", {}),
        ("a1001 s1000 a0", {0: 1}),
        ("a1000 b1000", {}),
        ("a1000 b1000 a0", {0: 1}),
        ("a1000 l1000", {}),
        ("a1000 l1000 a0", {0: 1}),
        ("a1000 a0", {}),
        ("a0 b1000", {}),
        ("b1000 a1000 a0", {}),
        ("a1000 a1", {}),
        ("a1000 a500 s500", {1: 2}),
        ("a500 s500 a300 s300", {0: 1, 2: 3}),
        ("p1000 s1000", {}),
        ("p1000 u1000", {0: 1}),
        ("p1000 r1000", {}),
        ("p1000 r1000 p0", {0: 1}),
        ("p1000 r1000 a0", {}),
        ("a1000 i5 s1005", {}),
    ],
)
def test_what_settles_an_approval(
    effects_of: Effects, who: SimpleNamespace, steps: str, settled: dict[int, int]
) -> None:
    effects = effects_of(*(Steps(who).call(step) for step in steps.split()))
    assert {
        index: effect.settled_by for index, effect in enumerate(effects) if effect.settled_by is not None
    } == settled
    assert all(effects[index].kind == Kind.APPROVAL for index in settled)


def test_an_allowance_that_tokens_never_reduce_needs_its_revocation() -> None:
    approve, use = Allowance("t", "s", 2**96 - 1, True), Use("t", "s", 2**96 - 1, True)
    assert settled_approvals([(0, approve), (1, use)]) == {}
    assert settled_approvals([(0, approve), (1, use), (2, Allowance("t", "s", 0, True))]) == {0: 1}


amounts = st.integers(0, 4)
movements = st.lists(
    st.one_of(
        st.builds(Allowance, st.just("t"), st.sampled_from("rs"), st.none() | amounts, st.booleans()),
        st.builds(Use, st.just("t"), st.sampled_from("rs"), amounts, st.booleans()),
    ),
    max_size=7,
)


@given(movements, st.data())
def test_whatever_a_spender_takes_a_settled_allowance_is_gone_at_the_end(
    moves: list[Allowance | Use], data: st.DataObject
) -> None:
    """Plays the movements with every inexact use taking less: where the approval was settled, nothing of it is left."""
    settled = settled_approvals(enumerate(moves))
    for approval, use in settled.items():
        opened = moves[approval]
        assert isinstance(opened, Allowance)
        left: int | None = opened.amount
        lowest = left
        for later in moves[approval + 1 :]:
            if later.spender != opened.spender:
                continue
            if isinstance(later, Use):
                taken = later.amount if later.exact else data.draw(st.integers(0, later.amount))
                left = None if left is None else max(0, left - taken)
            elif later.absolute and later.amount == 0:
                left = 0
            else:
                break
            lowest = left if lowest is None else min(lowest, left if left is not None else lowest)
        assert lowest == 0
        assert isinstance(moves[use], Use)
