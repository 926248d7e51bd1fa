"""Orders that are signed: judged by the worst that whoever holds them may do."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.effect import Effect, Kind

from .signatures import SEAPORT, ZERO, item, kinds, listing, order_of, struct, typed

Effects = Callable[..., tuple[Effect, ...]]


@pytest.mark.usefixtures("venues")
def test_an_order_of_one_token_for_one_is_a_swap_at_its_worst(effects_of: Effects, who: SimpleNamespace) -> None:
    (swap,) = effects_of(typed_data=listing(who))
    assert (swap.kind, swap.asset, swap.amount, swap.deadline) == (Kind.SWAP, who.usdc, 10**9, 1900)
    assert (swap.bought, swap.bought_minimum, swap.counterparty) == (who.weth, 39 * 10**16, who.self)
    assert (swap.target, swap.exact, swap.call) == (SEAPORT, False, None)
    rising = listing(who, offer=[item(1, who.usdc, 5, 10**9)])
    assert effects_of(typed_data=rising)[0].amount == 10**9
    for_coin = listing(who, consideration=[item(0, ZERO, 3, recipient=who.self)])
    assert [(one.kind, one.bought, one.bought_minimum) for one in effects_of(typed_data=for_coin)] == [
        (Kind.SWAP, "native", 3)
    ]


@pytest.mark.usefixtures("venues")
@pytest.mark.parametrize(
    "change",
    [
        lambda who: {"consideration": []},
        lambda who: {"consideration": [item(1, who.weth, 0, recipient=who.self)]},
        lambda who: {"consideration": [item(1, who.weth, 10**18, 0, recipient=who.self)]},
        lambda who: {"consideration": [item(1, who.weth, 10**18, recipient=who.stranger)]},
        lambda who: {"consideration": [item(1, who.weth, 10**18, recipient=who.self)] * 2},
        lambda who: {"consideration": [item(2, who.punks, 1, recipient=who.self)]},
        lambda who: {"consideration": [item(0, who.weth, 1, recipient=who.self)]},
        lambda who: {"consideration": [item(1, who.weth, 1, recipient=who.self) | {"identifierOrCriteria": 1}]},
        lambda who: {"offer": [item(1, who.usdc, 10**9)] * 2},
    ],
)
def test_what_no_single_consideration_of_ours_bounds_goes_to_nobody_known(
    effects_of: Effects, who: SimpleNamespace, change: Callable[[SimpleNamespace], dict[str, Any]]
) -> None:
    first, beside, *_ = effects_of(typed_data=listing(who, **change(who)))
    assert (first.kind, first.asset, first.amount, first.counterparty) == (Kind.TRANSFER, who.usdc, 10**9, None)
    assert (beside.kind, beside.beside) == (Kind.UNKNOWN, 0)


@pytest.mark.usefixtures("venues")
def test_an_nft_offered_is_an_nft_that_leaves(effects_of: Effects, who: SimpleNamespace) -> None:
    effects = effects_of(typed_data=listing(who, offer=[item(2, who.punks, 1) | {"identifierOrCriteria": "4242"}]))
    assert kinds(effects) == ["nft_transfer", "unknown"]
    assert "token 4242" in effects[0].note
    assert effects[0].token_ids == (4242,)
    any_of_them = effects_of(typed_data=listing(who, offer=[item(4, who.punks, 1)]))
    assert (kinds(any_of_them), any_of_them[0].token_ids) == (["nft_transfer", "unknown"], ())


@pytest.mark.usefixtures("venues")
def test_an_order_is_ours_on_a_seaport_of_the_book_and_for_our_chain(effects_of: Effects, who: SimpleNamespace) -> None:
    assert kinds(effects_of(typed_data=listing(who, offerer=who.alice))) == ["swap", "unknown"]
    assert kinds(effects_of(typed_data=listing(who, contract=who.router))) == ["swap", "unknown"]
    assert kinds(effects_of(typed_data=listing(who, orderType=4))) == ["swap", "unknown"]
    assert kinds(effects_of(typed_data=listing(who, offer=[]))) == ["unknown"]
    assert kinds(effects_of(typed_data=listing(who, offer=[item(1, who.fake, 1)]))) == ["swap", "unknown"]
    for chain_id in (0, 10):
        elsewhere = listing(who)
        elsewhere["domain"]["chainId"] = chain_id
        assert kinds(effects_of(typed_data=elsewhere)) == ["swap", "unknown"]


@pytest.mark.usefixtures("venues")
def test_each_order_of_a_bulk_signature_counts(effects_of: Effects, who: SimpleNamespace) -> None:
    empty = order_of(who, offerer=ZERO, offer=[], consideration=[])
    free = order_of(who, consideration=[])
    encoded = struct("BulkOrder", "[2][2] tree")
    tree = [[order_of(who), free], [empty, empty]]
    assert kinds(effects_of(typed_data=typed(encoded, SEAPORT, {"tree": tree}))) == [
        "swap",
        "transfer",
        "unknown",
    ]
    uneven = typed(encoded, SEAPORT, {"tree": [[order_of(who), free], [empty]]})
    assert kinds(effects_of(typed_data=uneven)) == ["unknown"]
    nothing = typed(encoded, SEAPORT, {"tree": [[empty] * 2] * 2})
    assert kinds(effects_of(typed_data=nothing)) == ["unknown"]
    many = [order_of(who)] * 2
    for _ in range(5):
        many = [many] * 2
    assert kinds(effects_of(typed_data=typed(struct("BulkOrder", "[2]" * 6), SEAPORT, {"tree": many}))) == ["unknown"]
