"""The Universal Router: commands over what the router holds of ours, paid through Permit2 or from its own balance."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from eth_abi import encode

from treasurer.policies.decode.venues.universal_router import COMMANDS, WHOLE_BALANCE
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE, ZERO_ADDRESS

Effects = Callable[..., tuple[Effect, ...]]
UNIVERSAL = "0x66a9893cc07d91d95644aedd05d03f95e1dba8af"
PINNED = {UNIVERSAL: "universal-router"}
DETAILS = "(address,uint160,uint48,uint48)"
SENDER, ROUTER = (f"0x{number:040x}" for number in (1, 2))
CODES = {name: code for code, (name, _, _) in COMMANDS.items()}
TYPES = {name: types for name, types, _ in COMMANDS.values()}


def command(name: str, *values: Any) -> tuple[int, bytes]:
    types = TYPES.get(name, "(bytes,bytes[])")
    return CODES.get(name, 0x21), encode([types], [values])[32:] if _dynamic(types) else encode([types], [values])


def _dynamic(types: str) -> bool:
    return "bytes" in types or "[]" in types


def execute(*steps: tuple[int, bytes], value: int = 0, deadline: int = 1900) -> Call:
    codes, inputs = bytes(code for code, _ in steps), [data for _, data in steps]
    return Call.encode(UNIVERSAL, "execute(bytes,bytes[],uint256)", codes, inputs, deadline, value=value)


@pytest.fixture
def found(effects_of: Effects) -> Effects:
    def run(*calls: Call) -> tuple[Effect, ...]:
        return effects_of(*calls, venues=PINNED)

    return run


def path(*tokens: str) -> bytes:
    return (500).to_bytes(3, "big").join(bytes.fromhex(token[2:]) for token in tokens)


def kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def traded(effect: Effect) -> tuple[object, ...]:
    return (effect.kind, effect.asset, effect.amount, effect.exact, effect.bought, effect.bought_minimum)


def test_swaps_paid_by_the_user_sell_and_buy_as_their_bounds_say(found: Effects, who: SimpleNamespace) -> None:
    steps = {
        "V3_SWAP_EXACT_IN": path(who.usdc, who.weth),
        "V2_SWAP_EXACT_IN": [who.usdc, who.weth],
        "V3_SWAP_EXACT_OUT": path(who.weth, who.usdc),
        "V2_SWAP_EXACT_OUT": [who.usdc, who.weth],
    }
    for name, route in steps.items():
        (effect,) = found(execute(command(name, SENDER, 1000, 7, route, True)))
        exact = name.endswith("IN")
        sold, least = (1000, 7) if exact else (7, 1000)
        assert traded(effect) == (Kind.SWAP, who.usdc, sold, exact, who.weth, least), name
        assert (effect.counterparty, effect.deadline) == (who.self, 1900)


def test_what_is_paid_out_elsewhere_says_to_whom(found: Effects, who: SimpleNamespace) -> None:
    (effect,) = found(execute(command("V3_SWAP_EXACT_IN", who.stranger, 1000, 7, path(who.usdc, who.weth), True)))
    assert effect.counterparty == who.stranger
    (effect,) = found(execute(command("PERMIT2_TRANSFER_FROM", who.usdc, who.stranger, 5)))
    assert (effect.kind, effect.amount, effect.counterparty) == (Kind.TRANSFER, 5, who.stranger)


def test_a_batch_through_permit2_takes_its_recipients_literally(found: Effects, who: SimpleNamespace) -> None:
    """What a batch sends to 0x..01 is gone: Permit2 knows no shorthand."""
    for to in (SENDER, ROUTER, who.stranger):
        (effect,) = found(execute(command("PERMIT2_TRANSFER_FROM_BATCH", [(who.self, to, 5, who.usdc)])))
        assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.TRANSFER, who.usdc, 5, to)
    kept = found(execute(command("PERMIT2_TRANSFER_FROM_BATCH", [(who.self, UNIVERSAL, 5, who.usdc)])))
    assert kinds(kept) == ["transfer", "unknown"]
    theirs = found(execute(command("PERMIT2_TRANSFER_FROM_BATCH", [(who.alice, who.self, 5, who.usdc)])))
    assert kinds(theirs) == ["unknown"]


def test_what_stays_in_the_router_is_anybodys(found: Effects, who: SimpleNamespace) -> None:
    swapped = found(execute(command("V3_SWAP_EXACT_IN", ROUTER, 1000, 7, path(who.usdc, who.weth), True)))
    assert kinds(swapped) == ["swap", "transfer", "unknown"]
    assert kinds(found(execute(command("PERMIT2_TRANSFER_FROM", who.usdc, ROUTER, 5)))) == ["transfer", "unknown"]
    assert kinds(found(execute(value=9))) == ["transfer", "unknown"]


def test_a_swap_swept_to_ourselves_is_one_swap_and_swept_to_a_stranger_is_his(
    found: Effects, who: SimpleNamespace
) -> None:
    swap = command("V3_SWAP_EXACT_IN", ROUTER, 1000, 7, path(who.dai, who.usdc), True)
    for to, whose in ((SENDER, who.self), (who.stranger, who.stranger)):
        (effect,) = found(execute(swap, command("SWEEP", who.usdc, to, 9)))
        assert traded(effect) == (Kind.SWAP, who.dai, 1000, True, who.usdc, 9)
        assert effect.counterparty == whose


def test_ether_is_wrapped_sold_and_unwrapped(found: Effects, who: SimpleNamespace) -> None:
    sold = found(
        execute(
            command("WRAP_ETH", ROUTER, 50),
            command("V3_SWAP_EXACT_IN", SENDER, WHOLE_BALANCE, 7, path(who.weth, who.usdc), False),
            value=50,
        )
    )
    assert [traded(effect) for effect in sold] == [(Kind.SWAP, NATIVE, 50, True, who.usdc, 7)]
    bought = found(
        execute(
            command("V3_SWAP_EXACT_IN", ROUTER, 1000, 7, path(who.usdc, who.weth), True),
            command("UNWRAP_WETH", SENDER, 7),
        )
    )
    assert [traded(effect) for effect in bought] == [(Kind.SWAP, who.usdc, 1000, True, NATIVE, 7)]


def test_a_part_of_what_a_swap_brought_is_never_taken_for_all_of_it(found: Effects, who: SimpleNamespace) -> None:
    effects = found(
        execute(
            command("V3_SWAP_EXACT_IN", ROUTER, 1000, 7, path(who.dai, who.usdc), True),
            command("V3_SWAP_EXACT_IN", SENDER, 7, 1, path(who.usdc, who.weth), False),
        )
    )
    assert "unknown" in kinds(effects)


def test_approvals_before_it_are_settled_by_an_exact_use_at_the_token_and_inside_permit2(
    found: Effects, who: SimpleNamespace
) -> None:
    effects = found(
        Call.encode(who.usdc, "approve(address,uint256)", who.permit2, 1000),
        Call.encode(who.permit2, "approve(address,address,uint160,uint48)", who.usdc, UNIVERSAL, 1000, 1900),
        execute(command("V3_SWAP_EXACT_IN", SENDER, 1000, 7, path(who.usdc, who.weth), True)),
    )
    assert kinds(effects) == ["approval", "approval", "swap"]
    assert [effect.settled_by for effect in effects] == [2, 2, None]


def test_an_approval_larger_than_its_use_stays_open(found: Effects, who: SimpleNamespace) -> None:
    effects = found(
        Call.encode(who.usdc, "approve(address,uint256)", who.permit2, 1001),
        execute(command("V3_SWAP_EXACT_IN", SENDER, 1000, 7, path(who.usdc, who.weth), True)),
    )
    assert effects[0].settled_by is None


@pytest.mark.parametrize("flag", [0, 0x80])
def test_a_permit_is_one_whoever_spends_it(found: Effects, who: SimpleNamespace, flag: int) -> None:
    code, data = command("PERMIT2_PERMIT", ((who.usdc, 2**160 - 1, 2**48 - 1, 0), who.stranger, 1900), b"sig")
    effects = found(execute((code | flag, data)))
    assert kinds(effects) == ["permit", "unlimited_approval"]
    assert effects[0].counterparty == who.stranger
    assert effects[0].keeper == who.permit2


def test_unknown_commands_flags_shares_and_broken_inputs_are_unknown(found: Effects, who: SimpleNamespace) -> None:
    transfer = command("PERMIT2_TRANSFER_FROM", who.usdc, SENDER, 5)
    for steps in (
        [(0x10, b"")],
        [(0x3F, b"")],
        [(transfer[0] | 0x80, transfer[1])],
        [(transfer[0], transfer[1] + b"\0")],
        [command("PAY_PORTION", who.usdc, who.stranger, 25)],
        [command("TRANSFER", who.usdc, who.stranger, 25)],
        [command("V2_SWAP_EXACT_IN", SENDER, 0, 7, [who.usdc, who.weth], False)],
        [command("V3_SWAP_EXACT_OUT", SENDER, 5, 7, path(who.usdc, who.weth), False)],
        [command("WRAP_ETH", who.stranger, 5)],
    ):
        assert "unknown" in kinds(found(execute(*steps))), steps
    lopsided = Call.encode(UNIVERSAL, "execute(bytes,bytes[])", b"\x00\x01", [b""])
    assert kinds(found(lopsided)) == ["unknown"]


def test_a_plan_inside_a_plan_is_read_and_one_without_end_is_not(found: Effects, who: SimpleNamespace) -> None:
    code, data = command("PERMIT2_TRANSFER_FROM", who.usdc, who.stranger, 5)
    plan = (0x21, encode(["bytes", "bytes[]"], [bytes([code]), [data]]))
    (effect,) = found(execute(plan))
    assert (effect.kind, effect.counterparty) == (Kind.TRANSFER, who.stranger)
    for _ in range(5):
        plan = (0x21, encode(["bytes", "bytes[]"], [b"\x21", [plan[1]]]))
    assert kinds(found(execute(plan))) == ["unknown"]


def test_ether_paid_to_a_stranger_is_a_transfer(found: Effects, who: SimpleNamespace) -> None:
    (effect,) = found(execute(command("SWEEP", ZERO_ADDRESS, who.stranger, 0), value=9))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.TRANSFER, NATIVE, 9, who.stranger)
