"""Vaults: assets to the last unit; shares bounded by what the vault is allowed to take, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.errors import DocumentError
from treasurer.wallets.call import Call
from treasurer.wallets.values import UINT256_MAX

Effects = Callable[..., tuple[Effect, ...]]
VAULT = "0x" + "7" * 40


def vault(effects_of: Effects, *calls: Call, **facts: object) -> tuple[Effect, ...]:
    return effects_of(*calls, venues={VAULT: "erc4626"}, **facts)


def approve(who: SimpleNamespace, amount: int) -> Call:
    return Call.encode(who.usdc, "approve(address,uint256)", VAULT, amount)


def test_a_deposit_uses_exactly_its_assets(effects_of: Effects, who: SimpleNamespace) -> None:
    approval, supply = vault(
        effects_of, approve(who, 5), Call.encode(VAULT, "deposit(uint256,address)", 5, who.stranger)
    )
    assert (supply.kind, supply.asset, supply.amount, supply.exact) == (Kind.SUPPLY, who.usdc, 5, True)
    assert (supply.on_behalf_of, supply.target) == (who.stranger, VAULT)
    assert approval.settled_by == 1


def test_minting_takes_at_most_what_is_allowed(effects_of: Effects, who: SimpleNamespace) -> None:
    mint = Call.encode(VAULT, "mint(uint256,address)", 9, who.self)
    approval, supply = vault(effects_of, approve(who, 5), mint)
    assert (supply.kind, supply.amount, supply.exact, supply.on_behalf_of) == (Kind.SUPPLY, 5, False, who.self)
    assert approval.settled_by is None
    (read,) = vault(effects_of, mint, allowances={f"{who.usdc}:{VAULT}": 7})
    assert read.amount == 7
    open_supply, unknown = vault(effects_of, mint)
    assert (open_supply.amount, unknown.kind, unknown.beside) == (None, Kind.UNKNOWN, 0)


def test_what_permit2_may_hand_on_is_no_allowance_of_the_token(effects_of: Effects, who: SimpleNamespace) -> None:
    inside = Call.encode(who.permit2, "approve(address,address,uint160,uint48)", who.usdc, VAULT, 5, 99)
    effects = vault(effects_of, inside, Call.encode(VAULT, "mint(uint256,address)", 9, who.self))
    assert [effect.kind for effect in effects] == [Kind.APPROVAL, Kind.SUPPLY, Kind.UNKNOWN]


def test_a_withdrawal_is_for_its_recipient_and_a_redemption_has_no_bound(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    (some,) = vault(effects_of, Call.encode(VAULT, "withdraw(uint256,address,address)", 5, who.stranger, who.self))
    assert (some.kind, some.asset, some.amount, some.exact) == (Kind.WITHDRAW, who.usdc, 5, True)
    assert (some.counterparty, some.on_behalf_of) == (who.stranger, who.stranger)
    (all_of_it,) = vault(effects_of, Call.encode(VAULT, "redeem(uint256,address,address)", 5, who.self, who.self))
    assert (all_of_it.kind, all_of_it.amount, all_of_it.exact) == (Kind.WITHDRAW, UINT256_MAX, False)


@pytest.mark.parametrize("name", ["withdraw", "redeem"])
def test_the_shares_of_another_are_a_pull(effects_of: Effects, who: SimpleNamespace, name: str) -> None:
    call = Call.encode(VAULT, f"{name}(uint256,address,address)", 5, who.self, who.alice)
    (effect,) = vault(effects_of, call)
    assert (effect.kind, effect.on_behalf_of) == (Kind.PULL, who.alice)


@pytest.mark.parametrize(
    ("asset", "words"),
    [
        ("", "says which token it takes"),
        (", asset: usd", "no token on all of its chains is called usd"),
        (", asset: usdk", 'did you mean "usdc"'),
    ],
)
def test_a_vault_without_its_token_does_not_load(asset: str, words: str) -> None:
    book = f'version: 1\nvenues: {{v: {{address: "{VAULT}", chains: [1], kind: erc4626{asset}}}}}\n'
    tokens = f'tokens: {{usdc: {{address: "{"0x" + "a" * 40}", chains: [1], decimals: 6}}}}\n'
    with pytest.raises(DocumentError) as error:
        Book.read((book + tokens).encode())
    assert words in str(error.value)
    told = Book.read(
        (book.replace(asset or "erc4626", ", asset: usdc" if asset else "erc4626, asset: usdc") + tokens).encode()
    )
    assert told.underlying(VAULT, 1) == "0x" + "a" * 40
    assert told.underlying(VAULT, 10) is None
