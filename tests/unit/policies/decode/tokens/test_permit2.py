"""Permit2: allowances with an expiry, inside a contract that the book must name."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call

Effects = Callable[..., tuple[Effect, ...]]
APPROVE = "approve(address,address,uint160,uint48)"


def _kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def test_an_approval_inside_permit2_lasts_until_its_expiration(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(Call.encode(who.permit2, APPROVE, who.usdc, who.router, 5, 1900))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.APPROVAL, who.usdc, 5, who.router)
    assert (effect.target, effect.deadline) == (who.permit2, 1900)
    assert _kinds(effects_of(Call.encode(who.permit2, APPROVE, who.usdc, who.router, 0, 1900))) == ["revocation"]
    endless = effects_of(Call.encode(who.permit2, APPROVE, who.usdc, who.router, 2**160 - 1, 1900))
    assert _kinds(endless) == ["approval", "unlimited_approval"]
    assert _kinds(effects_of(Call.encode(who.permit2, APPROVE, who.fake, who.router, 5, 1900))) == [
        "approval",
        "unknown",
    ]


def test_a_use_of_the_token_s_own_allowance_settles_nothing_inside_permit2(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    effects = effects_of(
        Call.encode(who.permit2, APPROVE, who.usdc, who.pool, 5, 1900),
        Call.encode(who.pool, "supply(address,uint256,address,uint16)", who.usdc, 5, who.self, 0),
    )
    assert effects[0].settled_by is None


def test_moves_of_ours_are_transfers_and_of_others_pulls(effects_of: Effects, who: SimpleNamespace) -> None:
    one = "transferFrom(address,address,uint160,address)"
    many = "transferFrom((address,address,uint160,address)[])"
    assert _kinds(effects_of(Call.encode(who.permit2, one, who.self, who.alice, 5, who.usdc))) == ["transfer"]
    mixed = [(who.self, who.alice, 5, who.usdc), (who.alice, who.self, 5, who.usdc)]
    assert _kinds(effects_of(Call.encode(who.permit2, many, mixed))) == ["transfer", "pull"]


def test_a_lockdown_revokes_each(effects_of: Effects, who: SimpleNamespace) -> None:
    pairs = [(who.usdc, who.router), (who.dai, who.stranger)]
    assert _kinds(effects_of(Call.encode(who.permit2, "lockdown((address,address)[])", pairs))) == ["revocation"] * 2


def test_a_permit_by_call_is_ours_or_unknown(effects_of: Effects, who: SimpleNamespace) -> None:
    details = "(address,uint160,uint48,uint48)"
    single, batch = (f"permit(address,({shape},address,uint256),bytes)" for shape in (details, f"{details}[]"))
    granted = (who.usdc, 5, 1900, 0)
    (effect,) = effects_of(Call.encode(who.permit2, single, who.self, (granted, who.router, 1800), b"sig"))
    assert (effect.kind, effect.amount, effect.deadline) == (Kind.PERMIT, 5, 1900)
    both = Call.encode(who.permit2, batch, who.self, ([granted, granted], who.router, 1800), b"sig")
    assert _kinds(effects_of(both)) == ["permit", "permit"]
    assert _kinds(effects_of(Call.encode(who.permit2, batch, who.self, ([], who.router, 1800), b"sig"))) == ["call"]
    assert _kinds(effects_of(Call.encode(who.permit2, single, who.alice, (granted, who.router, 1800), b"sig"))) == [
        "unknown"
    ]


PERMITTED = "(address,uint256)"
ONE = f"({PERMITTED},uint256,uint256),{PERMITTED},address"
MANY = f"({PERMITTED}[],uint256,uint256),{PERMITTED}[],address"


def test_a_transfer_by_signature_is_ours_where_we_signed_and_taken_where_another_did(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    for owner, kind in ((who.self, Kind.TRANSFER), (who.alice, Kind.PULL)):
        terms = (((who.usdc, 9), 0, 1800), (who.stranger, 5), owner)
        for call in (
            Call.encode(who.permit2, f"permitTransferFrom({ONE},bytes)", *terms, b"sig"),
            Call.encode(
                who.permit2, f"permitWitnessTransferFrom({ONE},bytes32,string,bytes)", *terms, b"w" * 32, "", b""
            ),
        ):
            (effect,) = effects_of(call)
            assert (effect.kind, effect.asset, effect.amount) == (kind, who.usdc, 5)
            assert effect.counterparty == who.stranger


def test_a_batch_by_signature_moves_each_and_no_more_than_is_permitted(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    permits = ([(who.usdc, 9), (who.fake, 9)], 0, 1800)
    signature = f"permitTransferFrom({MANY},bytes)"
    both = Call.encode(who.permit2, signature, permits, [(who.alice, 5), (who.alice, 6)], who.self, b"")
    assert _kinds(effects_of(both)) == ["transfer", "transfer", "unknown"]
    above = Call.encode(who.permit2, signature, permits, [(who.alice, 10), (who.alice, 0)], who.self, b"")
    assert _kinds(effects_of(above)) == ["transfer", "unknown", "transfer", "unknown"]
    uneven = Call.encode(who.permit2, signature, permits, [(who.alice, 5)], who.self, b"")
    assert _kinds(effects_of(uneven)) == ["unknown"]
