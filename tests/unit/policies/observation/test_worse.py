"""Of two simulations the worse counts, key by key; and what is written in our tokens and accounts must be explained."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from eth_utils.crypto import keccak

from treasurer.policies.book.book import Book
from treasurer.policies.facts import ContractAccount, Simulated
from treasurer.policies.observation.reads.accounts import Slot
from treasurer.policies.observation.reads.probes import Answers, native_balance
from treasurer.policies.observation.simulation.second_look import LATER_SECONDS, NO_CODE, other_conditions, without_pin
from treasurer.policies.observation.simulation.simulated import worse_of
from treasurer.policies.observation.simulation.simulation import CODE, CallResult, Conditions, Request, Simulation
from treasurer.policies.observation.simulation.writes import Ours, unexplained
from treasurer.wallets.call import Call
from treasurer.wallets.chain import BlockHeader, Log
from treasurer.wallets.eip712 import word
from treasurer.wallets.values import ZERO_ADDRESS

ME, ALICE, MALLORY, POOL = ("0x" + digits * 20 for digits in ("11", "a1", "66", "90"))
USDC, SAFE, COLD = ("0x" + digits * 20 for digits in ("c0", "5a", "cc"))
ONE = {letter: "0x" + letter * 40 for letter in "abcd"}
OURS = Ours(
    account=ME,
    accounts=frozenset({SAFE, COLD}),
    safes=frozenset({SAFE}),
    tokens=frozenset({USDC}),
    allowances=frozenset({f"{USDC}:{POOL}"}),
)


def solidity(key: str, base: int) -> int:
    return int.from_bytes(keccak(word(key) + word(base)), "big")


def vyper(key: str, base: int) -> int:
    return int.from_bytes(keccak(word(base) + word(key)), "big")


def at(address: str, slot: int) -> Slot:
    return address, f"0x{slot:064x}"


def sent(sender: str, recipient: str) -> Log:
    topics = (keccak(text="Transfer(address,address,uint256)"), word(sender), word(recipient))
    return Log(USDC, tuple("0x" + topic.hex() for topic in topics), word(1))


def approved(owner: str, spender: str) -> Log:
    topics = (keccak(text="Approval(address,address,uint256)"), word(owner), word(spender))
    return Log(USDC, tuple("0x" + topic.hex() for topic in topics), word(1))


class TestWorse:
    def test_each_amount_is_the_worse_of_both(self) -> None:
        first = Simulated(
            succeeded=True,
            by="eth_simulateV1",
            gas_used=(10, 30),
            outflows={ONE["a"]: 5},
            inflows={ONE["b"]: 9, ONE["c"]: 1},
            recipients={"a:x": 5},
            allowances={"a:s": 1},
            health_factor_after=Decimal(3),
        )
        second = Simulated(
            succeeded=True,
            by="debug_traceCall",
            gas_used=(20, 20),
            outflows={ONE["a"]: 4, ONE["d"]: 1},
            inflows={ONE["b"]: 7},
            recipients={"a:y": 2},
            allowances={"a:s": 0, "a:t": 3},
            health_factor_after=Decimal(2),
            handed_over={"c:Upgraded": "0x1"},
        )
        for worse in (worse_of(first, second), worse_of(second, first)):
            assert worse.gas_used == (20, 30)
            assert worse.outflows == {ONE["a"]: 5, ONE["d"]: 1}
            assert worse.inflows == {ONE["b"]: 7}
            assert worse.recipients == {"a:x": 5, "a:y": 2}
            assert worse.least_recipients == {"a:x": 0, "a:y": 0}
            assert worse.allowances == {"a:s": 1, "a:t": 3}
            assert worse.least_allowances == {"a:s": 0, "a:t": 0}
            assert worse.health_factor_after == 2
            assert worse.handed_over == {"c:Upgraded": "0x1"}
        assert (worse_of(first, second).by, worse_of(first, second).again_by) == ("eth_simulateV1", "debug_traceCall")

    def test_they_succeed_only_if_both_do(self) -> None:
        good, bad = Simulated(succeeded=True, by="a"), Simulated(succeeded=False, by="b", failure="no", failed_call=1)
        assert worse_of(bad, good) == bad
        worse = worse_of(good, bad)
        assert (worse.succeeded, worse.failure, worse.failed_call) == (False, "under other conditions: no", 1)

    def test_a_factor_or_an_account_that_one_of_them_lacks_is_not_known(self) -> None:
        told = ContractAccount(owners=(ME,), threshold=1)
        other = ContractAccount(owners=(ME, ALICE), threshold=1)
        first = Simulated(succeeded=True, health_factor_after=Decimal(3), contract_accounts={SAFE: told, COLD: told})
        second = Simulated(succeeded=True, contract_accounts={SAFE: told, COLD: other})
        worse = worse_of(first, second)
        assert worse.health_factor_after is None
        assert worse.contract_accounts == {SAFE: told}


class TestWrites:
    @pytest.mark.parametrize("place", [solidity, vyper])
    def test_balances_of_those_that_events_name_are_explained(self, place: object) -> None:
        assert callable(place)
        changed = frozenset({at(USDC, place(ME, 9)), at(USDC, place(ALICE, 9))})
        assert unexplained(changed, [sent(ME, ALICE)], OURS) == ()
        (strange,) = unexplained(changed, [], OURS)
        assert strange == f"{USDC}:0x{place(ALICE, 9):064x}"

    def test_an_allowance_of_ours_is_explained_by_an_effect_or_an_event_alone(self) -> None:
        def changed(owner: str, spender: str) -> frozenset[Slot]:
            return frozenset({at(USDC, solidity(spender, solidity(owner, 10)))})

        assert unexplained(changed(ME, POOL), [], OURS) == ()
        assert unexplained(changed(ME, MALLORY), [approved(ME, MALLORY)], OURS) == ()
        assert len(unexplained(changed(ME, MALLORY), [], OURS)) == 1
        assert len(unexplained(changed(ME, MALLORY), [sent(ME, MALLORY)], OURS)) == 1
        assert len(unexplained(changed(ME, MALLORY), [approved(ALICE, MALLORY)], OURS)) == 1
        assert unexplained(changed(ALICE, MALLORY), [approved(ALICE, MALLORY)], OURS) == ()

    def test_a_supply_changes_where_something_is_minted_or_burned(self) -> None:
        changed = frozenset({at(USDC, 2)})
        assert unexplained(changed, [sent(ZERO_ADDRESS, ALICE)], OURS) == ()
        assert unexplained(changed, [sent(ME, ALICE)], OURS) == (f"{USDC}:0x{2:064x}",)

    def test_accounts_of_ours_are_written_by_nobody_but_for_the_nonce_of_a_safe(self) -> None:
        assert unexplained(frozenset({at(SAFE, 5)}), [], OURS) == ()
        assert unexplained(frozenset({at(SAFE, 4)}), [], OURS) == (f"{SAFE}:0x{4:064x}",)
        assert len(unexplained(frozenset({at(COLD, 5)}), [], OURS)) == 1
        assert len(unexplained(frozenset({at(ME, 0)}), [], OURS)) == 1

    def test_code_that_changes_is_never_explained_and_others_are_not_ours(self) -> None:
        assert unexplained(frozenset({(USDC, CODE)}), [sent(ME, ALICE)], OURS) == (f"{USDC}:code",)
        assert unexplained(frozenset({(ME, CODE)}), [], OURS) == (f"{ME}:code",)
        assert unexplained(frozenset({(POOL, CODE), at(POOL, 1)}), [], OURS) == ()


class TestOtherConditions:
    def test_what_is_seen_differs_and_the_account_can_pay_for_it(self) -> None:
        header = BlockHeader(7, "0x" + "ab" * 32, 1000, 50, "0x" + "00" * 32)
        seen = Conditions(time=1001, coinbase=header.coinbase, prev_randao=header.prev_randao, gas=(None, 90))
        request = Request(ME, (Call(to=ALICE), Call(to=ALICE)), (), (), (), frozenset(), header, seen)
        done = CallResult(True, 100, b"", ())
        first = Simulation(Answers({native_balance(ME): word(77)}), Answers({}), (done, done))
        other = other_conditions(request, first, datetime.fromtimestamp(5000, UTC))
        assert other.time == 1001 + LATER_SECONDS
        assert other.coinbase not in (header.coinbase, ZERO_ADDRESS)
        assert other.prev_randao != header.prev_randao
        assert other.gas == (140, 90)
        assert other.gas_price > header.base_fee
        assert other.balance == 77 + other.gas_price * 230
        for until, time in ((1011, 1011), (1001, 1001), (900, 1001)):
            assert other_conditions(request, first, datetime.fromtimestamp(until, UTC)).time == time

    def test_what_has_no_code_or_a_pin_needs_no_second_look(self) -> None:
        pin = "0x" + "77" * 32
        text = (
            f'version: 1\ntokens:\n  usdc: {{address: "{USDC}", chains: [1], decimals: 6}}\n'
            f'venues:\n  pool: {{address: "{POOL}", chains: [1], kind: own, code_hash: "{pin}"}}\n'
        )
        book = Book.read(text.encode())
        assert without_pin(book, 1, (USDC, POOL, ALICE, MALLORY), {ALICE: NO_CODE, POOL: pin}) == (USDC, MALLORY)
        assert without_pin(book, 2, (POOL,), {}) == (POOL,)
