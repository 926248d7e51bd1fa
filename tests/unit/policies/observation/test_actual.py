"""What moved is read from events, whoever emits them, and compared with what was simulated."""

from __future__ import annotations

from collections import Counter

from eth_utils.crypto import keccak

from treasurer.policies.facts import Simulated
from treasurer.policies.observation.actual import NATIVE_LOG_ADDRESS, Movements, drift, movements
from treasurer.wallets.chain import Log
from treasurer.wallets.eip712 import word
from treasurer.wallets.values import NATIVE, UINT256_MAX, ZERO_ADDRESS

ME, ALICE, POOL = ("0x" + digits * 20 for digits in ("11", "a1", "90"))
PERMIT2 = "0x" + "22" * 20
USDC, WETH, ATOKEN = ("0x" + digits * 20 for digits in ("c0", "e0", "aa"))


def log(address: str, event: str, *parties: str, data: bytes = b"") -> Log:
    topics = ("0x" + keccak(text=event).hex(), *("0x" + word(party).hex() for party in parties))
    return Log(address, topics, data)


def transfer(token: str, sender: str, recipient: str, amount: int) -> Log:
    return log(token, "Transfer(address,address,uint256)", sender, recipient, data=word(amount))


def test_flows_are_gross_and_name_who_got_what_we_sent() -> None:
    moved = movements([transfer(USDC, ME, POOL, 100), transfer(USDC, POOL, ME, 30), transfer(WETH, POOL, ALICE, 5)], ME)
    assert moved.outflows == Counter({USDC: 100})
    assert moved.inflows == Counter({USDC: 30})
    assert moved.recipients == Counter({f"{USDC}:{POOL}": 100})


def test_a_watched_recipient_is_followed_whoever_pays() -> None:
    moved = movements([transfer(WETH, POOL, ALICE, 5)], ME, watch=frozenset({ALICE}))
    assert moved.recipients == Counter({f"{WETH}:{ALICE}": 5})


def test_a_transfer_to_oneself_moves_nothing() -> None:
    assert movements([transfer(USDC, ME, ME, 100)], ME) == Movements()


def test_native_coin_is_the_traced_address() -> None:
    assert movements([transfer(NATIVE_LOG_ADDRESS, ME, ALICE, 7)], ME).outflows == Counter({NATIVE: 7})


def test_positions_are_no_movements_until_they_are_given_away() -> None:
    logs = [
        transfer(ATOKEN, ZERO_ADDRESS, ME, 9),
        transfer(ATOKEN, ME, ZERO_ADDRESS, 4),
        transfer(ATOKEN, ME, ALICE, 2),
    ]
    moved = movements(logs, ME, positions=frozenset({ATOKEN}))
    assert moved.outflows == Counter({ATOKEN: 2})
    assert moved.inflows == Counter()


def test_a_collectible_counts_one() -> None:
    nft = log(USDC, "Transfer(address,address,uint256)", ME, ALICE, "0x" + f"{77:040x}")
    batch = log(
        WETH, "TransferBatch(address,address,address,uint256[],uint256[])", ME, ME, ALICE, data=word(64) + word(0)
    )
    assert movements([nft, batch], ME).outflows == Counter({USDC: 1, WETH: 1})


def test_the_last_allowance_counts_and_others_do_not() -> None:
    approval = "Approval(address,address,uint256)"
    logs = [
        log(USDC, approval, ME, POOL, data=word(100)),
        log(USDC, approval, ME, POOL, data=word(0)),
        log(USDC, approval, ALICE, POOL, data=word(5)),
        log(WETH, "ApprovalForAll(address,address,bool)", ME, ALICE, data=word(1)),
    ]
    assert movements(logs, ME).allowances == {f"{USDC}:{POOL}": 0, f"{WETH}:{ALICE}": UINT256_MAX}


def test_permit2_and_debt_tokens_keep_allowances_too() -> None:
    kept = log(PERMIT2, "Approval(address,address,address,uint160,uint48)", ME, USDC, POOL, data=word(5) + word(9))
    permit = log(
        PERMIT2, "Permit(address,address,address,uint160,uint48,uint48)", ME, USDC, ALICE, data=word(6) + word(9) * 2
    )
    locked = log(PERMIT2, "Lockdown(address,address,address)", ME, data=word(USDC) + word(POOL))
    event = "BorrowAllowanceDelegated(address,address,address,uint256)"
    debt = log(ATOKEN, event, ME, ALICE, USDC, data=word(8))
    others = [
        log(PERMIT2, "Approval(address,address,address,uint160,uint48)", ALICE, USDC, POOL, data=word(5) + word(9)),
        log(PERMIT2, "Lockdown(address,address,address)", ALICE, data=word(USDC) + word(POOL)),
        log(ATOKEN, event, ALICE, ME, USDC, data=word(8)),
    ]
    found = movements([kept, permit, debt, *others], ME).allowances
    pool, alice = f"{USDC}:{POOL}:{PERMIT2}", f"{USDC}:{ALICE}:{PERMIT2}"
    assert found == {pool: 5, alice: 6, f"{ATOKEN}:{ALICE}": 8}
    assert movements([kept, locked], ME).allowances == {pool: 0}


def test_what_permit2_keeps_is_told_of_its_spender() -> None:
    moved = Movements(allowances={f"{USDC}:{POOL}:{PERMIT2}": 1})
    assert drift(Simulated(succeeded=True), moved) == (f"{POOL} may take 1 of {USDC}, 0 were simulated",)


def test_only_the_wrapped_coin_may_move_without_a_transfer() -> None:
    logs = [
        log(WETH, "Withdrawal(address,uint256)", ME, data=word(3)),
        log(USDC, "Deposit(address,uint256)", ME, data=word(9)),
    ]
    moved = movements(logs, ME, wrapped_native=frozenset({WETH}))
    assert moved.outflows == Counter({WETH: 3})
    assert moved.inflows == Counter()


def test_malformed_events_are_not_read() -> None:
    assert movements([Log(USDC, (), b""), log(USDC, "Transfer(address,address,uint256)", ME)], ME) == Movements()


def test_the_same_is_no_drift_and_better_is_none_either() -> None:
    simulated = Simulated(succeeded=True, outflows={USDC: 1000}, inflows={WETH: 1000})
    assert drift(simulated, Movements(Counter({USDC: 1000}), Counter({WETH: 1000}))) == ()
    assert drift(simulated, Movements(Counter({USDC: 900}), Counter({WETH: 1200}))) == ()
    assert drift(simulated, Movements(Counter({USDC: 1005}), Counter({WETH: 995}))) == ()


def test_worse_by_more_than_half_a_percent_is_drift() -> None:
    simulated = Simulated(succeeded=True, outflows={USDC: 1000}, inflows={WETH: 1000})
    assert len(drift(simulated, Movements(Counter({USDC: 1006}), Counter({WETH: 1000})))) == 1
    assert len(drift(simulated, Movements(Counter({USDC: 1000}), Counter({WETH: 994})))) == 1


def test_strangers_and_open_allowances_are_drift() -> None:
    moved = Movements(Counter({USDC: 1}), Counter(), Counter({f"{USDC}:{ALICE}": 1}), {f"{USDC}:{POOL}": 1})
    assert len(drift(Simulated(succeeded=True), moved)) == 3


def test_the_burn_of_a_position_is_no_drift_and_its_gift_is() -> None:
    simulated = Simulated(succeeded=True, positions=(ATOKEN,))
    burned = Movements(Counter({ATOKEN: 5}), Counter(), Counter({f"{ATOKEN}:{ZERO_ADDRESS}": 5}))
    assert drift(simulated, burned) == ()
    given = Movements(Counter({ATOKEN: 5}), Counter(), Counter({f"{ATOKEN}:{ALICE}": 5}))
    assert drift(simulated, given)
