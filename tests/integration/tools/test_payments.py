"""Paying and wrapping: what is proposed is allowed, and exactly that arrives."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from treasurer.runtime.bot.creation import DEVNET_PAYEES
from treasurer.tools import NotEnough, NotOffered
from treasurer.wallets.values import hash_words

from .conftest import Treasury


async def test_a_token_is_paid_to_a_label_of_the_book(treasury: Treasury) -> None:
    world = treasury.devnet.world
    before = world.balance(DEVNET_PAYEES["alice"], "usdc")
    proposal = await treasury.do("transfer", to="alice", amount="250.5 usdc")
    assert world.balance(DEVNET_PAYEES["alice"], "usdc") - before == 250_500_000
    assert proposal.purpose == "pay 250.5 usdc to alice"


async def test_native_coin_is_paid(treasury: Treasury) -> None:
    world = treasury.devnet.world
    before = world.balance(DEVNET_PAYEES["bob"])
    await treasury.do("transfer", to="bob", amount="0.1 eth")
    assert world.balance(DEVNET_PAYEES["bob"]) - before == 10**17


async def test_half_of_the_balance_is_half_of_the_balance(treasury: Treasury) -> None:
    proposal = await treasury.build("transfer", to="alice", amount="50% weth")
    assert proposal is not None
    assert proposal.claims[0].amount == 25 * 10**17


async def test_all_native_coin_leaves_gas_behind(treasury: Treasury) -> None:
    held = treasury.devnet.world.balance(treasury.account)
    proposal = await treasury.build("transfer", to="alice", amount="all native")
    assert proposal is not None
    assert 0 < held - proposal.calls[0].value < 10**17


async def test_more_than_the_balance_names_the_shortfall(treasury: Treasury) -> None:
    with pytest.raises(NotEnough, match=r"50000 usdc: 10000[.]5 usdc short"):
        await treasury.build("transfer", to="alice", amount="60000.5 usdc")


async def test_a_large_payment_needs_people(treasury: Treasury) -> None:
    proposal = await treasury.build("transfer", to="alice", amount="5000 usdc")
    assert proposal is not None
    assert (await treasury.verdict(proposal)).decision == "escalate"


async def test_the_proposal_is_complete(treasury: Treasury) -> None:
    context = await treasury.context(step=3)
    proposal = context.propose((await treasury.do("transfer", to="alice", amount="1 usdc")).calls)
    assert proposal.intent_key == hash_words("acme", "run", 3)
    assert proposal.expires_at - context.now == timedelta(hours=2)
    gas = await treasury.client.estimate_gas(treasury.account, proposal.calls[0])
    assert proposal.fee_ceiling >= 3 * gas * (await treasury.client.fees()).max_fee_per_gas
    assert proposal.provenance == {}


async def test_wrapping_and_back(treasury: Treasury) -> None:
    await treasury.do("wrap", amount="2 eth")
    assert treasury.balance("weth") == 7
    await treasury.do("unwrap", amount="all weth")
    assert treasury.balance("weth") == 0
    assert treasury.balance("native") > Decimal(10_014)


async def test_only_the_native_coin_is_wrapped(treasury: Treasury) -> None:
    with pytest.raises(NotOffered, match="native"):
        await treasury.build("wrap", amount="2 usdc")
    with pytest.raises(NotOffered, match="weth"):
        await treasury.build("unwrap", amount="2 usdc")
