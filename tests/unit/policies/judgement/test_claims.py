"""Claims and simulations are held against the effects of the bytes, and can only add denials."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import Facts, Fees, Simulated
from treasurer.policies.judgement.claims import contradictions, simulation_denials
from treasurer.policies.proposal import Claim, Proposal
from treasurer.policies.verdict import Reason
from treasurer.wallets.call import Call

ME, ALICE, MALLORY = ("0x" + digits * 20 for digits in ("11", "a1", "66"))
USDC, WETH, ROUTER, POOL, ATOKEN = ("0x" + digits * 20 for digits in ("c0", "e0", "70", "90", "aa"))
PERMIT2 = "0x" + "22" * 20
AT = datetime(2026, 11, 23, tzinfo=UTC)
BOOK = Book.read(f'version: 1\ntokens: {{usdc: {{address: "{USDC}", chains: [1], decimals: 6}}}}'.encode())
PROPOSAL = Proposal(
    chain_id=1,
    account=ME,
    calls=(Call(to=USDC),),
    intent_key="0x" + "00" * 32,
    run="r",
    expires_at=AT + timedelta(hours=1),
)
PAY = Effect(kind=Kind.TRANSFER, call=0, target=USDC, asset=USDC, amount=100, counterparty=ALICE)
APPROVE = Effect(kind=Kind.APPROVAL, call=0, target=USDC, asset=USDC, amount=100, counterparty=ROUTER)
SWAP = Effect(
    kind=Kind.SWAP, call=1, target=ROUTER, asset=USDC, amount=100, bought=WETH, bought_minimum=5, counterparty=ME
)
SETTLED = APPROVE.model_copy(update={"settled_by": 1})


def claim(effect: Effect) -> Claim:
    return Claim(
        kind=effect.kind,
        asset=effect.asset,
        amount=effect.amount,
        counterparty=effect.counterparty,
        bought=effect.bought,
        minimum=effect.bought_minimum,
    )


def denials(effects: tuple[Effect, ...], simulated: Simulated | None, **facts: object) -> list[str]:
    known = Facts.model_validate({"at": AT, "simulation": simulated, **facts})
    found = simulation_denials(effects, PROPOSAL, BOOK, known)
    assert all(isinstance(reason, Reason) and reason.rule == "simulation" and reason.message for reason in found)
    return [reason.condition for reason in found]


class TestClaims:
    def test_claims_that_say_what_the_bytes_do_add_nothing(self) -> None:
        assert contradictions([claim(PAY)], [PAY]) == ()
        assert contradictions([claim(SWAP)], [SETTLED, SWAP]) == ()

    def test_no_claims_contradict_nothing(self) -> None:
        assert contradictions([], [PAY]) == ()

    @pytest.mark.parametrize(
        "changed",
        [
            {"amount": 99},
            {"counterparty": MALLORY},
            {"asset": WETH},
            {"kind": Kind.SUPPLY},
        ],
    )
    def test_a_claim_that_the_bytes_do_not_keep_is_denied_with_what_they_do(self, changed: dict[str, object]) -> None:
        found = contradictions([claim(PAY).model_copy(update=changed)], [PAY])
        assert [reason.condition for reason in found] == ["claimed", "unclaimed"]

    def test_a_claim_may_promise_less_than_the_bytes_guarantee_and_never_more(self) -> None:
        assert contradictions([claim(SWAP).model_copy(update={"minimum": 4})], [SWAP]) == ()
        assert contradictions([claim(SWAP).model_copy(update={"minimum": 6})], [SWAP])

    def test_a_claim_may_name_more_than_leaves(self) -> None:
        assert contradictions([claim(PAY).model_copy(update={"amount": 101})], [PAY]) == ()

    def test_an_effect_beyond_the_claims_is_denied(self) -> None:
        extra = PAY.model_copy(update={"counterparty": MALLORY})
        (found,) = contradictions([claim(PAY)], [PAY, extra])
        assert MALLORY in found.actual

    def test_one_claim_covers_one_effect(self) -> None:
        assert len(contradictions([claim(PAY)], [PAY, PAY])) == 1
        assert contradictions([claim(PAY), claim(PAY)], [PAY, PAY]) == ()

    def test_claims_of_different_amounts_find_their_effects(self) -> None:
        small = PAY.model_copy(update={"amount": 10})
        for claims in ([claim(small), claim(PAY)], [claim(PAY), claim(small)]):
            assert contradictions(claims, [PAY, small]) == ()

    def test_an_open_approval_needs_a_claim_of_its_own(self) -> None:
        assert contradictions([claim(SWAP)], [APPROVE, SWAP])

    def test_a_claim_of_any_amount_takes_the_largest_that_fits(self) -> None:
        small = PAY.model_copy(update={"amount": 10})
        anything = claim(PAY).model_copy(update={"amount": None})
        for claims in ([anything, claim(small)], [claim(small), anything]):
            for effects in ([PAY, small], [small, PAY]):
                assert contradictions(claims, effects) == ()

    def test_what_is_claimed_and_done_stands_in_words(self) -> None:
        claimed, done = contradictions([claim(SWAP)], [PAY.model_copy(update={"amount": None})])
        assert claimed.limit == f"swap 100 of {USDC} for at least 5 of {WETH} to {ME}"
        assert done.actual == f"transfer some of {USDC} to {ALICE}"
        (bare,) = contradictions([Claim(kind=Kind.CALL)], [])
        assert bare.limit == "call"


class TestSimulation:
    def test_what_the_effects_name_is_no_denial(self) -> None:
        paid = Simulated(succeeded=True, outflows={USDC: 100}, recipients={f"{USDC}:{ALICE}": 100})
        assert denials((PAY,), paid) == []

    def test_without_a_chain_there_is_nothing_to_compare(self) -> None:
        assert denials((PAY,), None, static=True) == []

    def test_no_simulation_and_a_failed_one_deny(self) -> None:
        assert denials((PAY,), None) == ["simulated"]
        assert denials((PAY,), Simulated(succeeded=False, failure="reverted", failed_call=0)) == ["succeeds"]

    def test_more_than_the_calldata_permits_is_denied_with_the_label(self) -> None:
        drained = Simulated(succeeded=True, outflows={USDC: 101}, recipients={f"{USDC}:{ALICE}": 100})
        assert denials((PAY,), drained) == ["outflow"]
        (reason,) = simulation_denials((PAY,), PROPOSAL, BOOK, Facts(at=AT, simulation=drained))
        assert "usdc" in reason.message

    def test_an_asset_that_no_effect_names_is_denied(self) -> None:
        assert "outflow" in denials((PAY,), Simulated(succeeded=True, outflows={WETH: 1}))

    def test_a_transfer_that_reaches_another_is_denied(self) -> None:
        diverted = Simulated(succeeded=True, outflows={USDC: 100}, recipients={f"{USDC}:{MALLORY}": 100})
        assert sorted(denials((PAY,), diverted)) == ["missing", "recipient"]

    def test_a_pool_may_get_what_a_swap_sells_and_no_more(self) -> None:
        sold = {"succeeded": True, "inflows": {WETH: 5}, "outflows": {USDC: 100}}
        assert denials((SETTLED, SWAP), Simulated(**sold, recipients={f"{USDC}:{POOL}": 100})) == []
        both = (SWAP, PAY)
        mixed = Simulated(
            succeeded=True,
            inflows={WETH: 5},
            outflows={USDC: 200},
            recipients={f"{USDC}:{POOL}": 101, f"{USDC}:{ALICE}": 99},
        )
        assert sorted(denials(both, mixed)) == ["missing", "recipient"]

    def test_authority_that_changes_hands_unnamed_is_denied(self) -> None:
        paid = {"succeeded": True, "outflows": {USDC: 100}, "recipients": {f"{USDC}:{ALICE}": 100}}
        handed = Simulated(**paid, handed_over={f"{POOL}:OwnershipTransferred": MALLORY})
        assert denials((PAY,), Simulated(**paid)) == []
        assert denials((PAY,), handed) == ["authority"]

    def test_less_than_the_guaranteed_minimum_is_denied(self) -> None:
        sold = Simulated(succeeded=True, outflows={USDC: 100}, inflows={WETH: 4})
        assert denials((SWAP,), sold) == ["inflow"]
        for_alice = SWAP.model_copy(update={"counterparty": ALICE})
        assert denials((for_alice,), Simulated(succeeded=True, outflows={USDC: 100}, inflows={WETH: 5})) == ["inflow"]
        reached = Simulated(succeeded=True, outflows={USDC: 100}, recipients={f"{WETH}:{ALICE}": 5})
        assert denials((for_alice,), reached) == []

    def test_an_allowance_that_stays_open_is_denied_unless_an_effect_leaves_it(self) -> None:
        left = Simulated(succeeded=True, outflows={USDC: 100}, inflows={WETH: 5}, allowances={f"{USDC}:{ROUTER}": 1})
        assert denials((SETTLED, SWAP), left) == ["allowance"]
        assert denials((APPROVE, SWAP), left) == []
        assert denials((SWAP,), left) == ["allowance"]
        assert denials((SWAP,), left, allowances={f"{USDC}:{ROUTER}": 101}) == []

    def test_a_revocation_must_reach_zero(self) -> None:
        revoke = Effect(kind=Kind.REVOCATION, call=0, target=USDC, asset=USDC, amount=0, counterparty=ROUTER)
        kept = Simulated(succeeded=True, allowances={f"{USDC}:{ROUTER}": 5})
        assert denials((revoke,), kept, allowances={f"{USDC}:{ROUTER}": 5}) == ["allowance"]

    def test_an_allowance_belongs_to_the_contract_that_keeps_it(self) -> None:
        inside = {"target": PERMIT2, "keeper": PERMIT2}
        revoke = Effect(kind=Kind.REVOCATION, call=0, asset=USDC, amount=0, counterparty=ROUTER, **inside)
        ordinary, kept = f"{USDC}:{ROUTER}", f"{USDC}:{ROUTER}:{PERMIT2}"
        standing = {ordinary: 7, kept: 5}
        done = Simulated(succeeded=True, allowances={ordinary: 7, kept: 0})
        assert denials((revoke,), done, allowances=standing) == []
        undone = Simulated(succeeded=True, allowances={ordinary: 7, kept: 5})
        assert denials((revoke,), undone, allowances=standing) == ["allowance"]
        other = revoke.model_copy(update={"keeper": None, "target": USDC})
        assert denials((other,), done, allowances=standing) == ["allowance"]
        unnamed = Simulated(succeeded=True, allowances={ordinary: 7, kept: 6})
        assert denials((), unnamed, allowances=standing) == ["allowance"]

    def test_an_allowance_that_the_calldata_sets_and_the_simulation_lacks_is_missing(self) -> None:
        pair = f"{USDC}:{ROUTER}"
        assert denials((APPROVE,), Simulated(succeeded=True, allowances={pair: 100})) == []
        assert denials((APPROVE,), Simulated(succeeded=True, allowances={pair: 99})) == ["missing"]
        assert denials((APPROVE,), Simulated(succeeded=True)) == ["missing"]
        assert denials((APPROVE.model_copy(update={"call": None}),), Simulated(succeeded=True)) == [], "a signature"
        again = APPROVE.model_copy(update={"call": 1, "amount": 40})
        assert denials((APPROVE, again), Simulated(succeeded=True, allowances={pair: 40})) == [], "the last one counts"
        endless = APPROVE.model_copy(update={"amount": 2**256 - 1})
        assert denials((endless,), Simulated(succeeded=True, allowances={pair: 2**96 - 1})) == []
        assert denials((endless,), Simulated(succeeded=True, allowances={pair: 2**96 - 2})) == ["missing"]
        # What a swap draws of it may be gone, what a transfer sends is not drawn of any allowance.
        sold = {"succeeded": True, "outflows": {USDC: 100}, "inflows": {WETH: 5}}
        half = SWAP.model_copy(update={"amount": 50})
        assert denials((APPROVE, half), Simulated(**(sold | {"outflows": {USDC: 50}}), allowances={pair: 50})) == []
        assert denials((APPROVE, half), Simulated(**(sold | {"outflows": {USDC: 50}}), allowances={pair: 49})) == [
            "missing"
        ]
        paid = {"succeeded": True, "outflows": {USDC: 100}, "recipients": {f"{USDC}:{ALICE}": 100}}
        assert denials((APPROVE, PAY), Simulated(**paid, allowances={pair: 0})) == ["missing"]

    def test_a_delegation_of_debt_is_an_allowance_like_others(self) -> None:
        pair = f"{ATOKEN}:{ALICE}"
        delegate = Effect(kind=Kind.DELEGATION, call=0, target=ATOKEN, asset=ATOKEN, amount=9, counterparty=ALICE)
        votes = delegate.model_copy(update={"amount": None})
        assert denials((delegate,), Simulated(succeeded=True, allowances={pair: 9})) == []
        assert denials((delegate,), Simulated(succeeded=True, allowances={pair: 10})) == ["allowance"]
        assert denials((delegate,), Simulated(succeeded=True, allowances={pair: 8})) == ["missing"]
        assert denials((votes,), Simulated(succeeded=True)) == []
        assert denials((votes,), Simulated(succeeded=True, allowances={pair: 1})) == ["allowance"]

    def test_of_two_simulations_the_lesser_must_arrive_and_stand(self) -> None:
        reached, pair = f"{USDC}:{ALICE}", f"{USDC}:{ROUTER}"
        paid = {"succeeded": True, "outflows": {USDC: 100}, "recipients": {reached: 100}}
        assert denials((PAY,), Simulated(**paid, again_by="x", least_recipients={reached: 100})) == []
        assert denials((PAY,), Simulated(**paid, again_by="x", least_recipients={reached: 99})) == ["missing"]
        opened = {"succeeded": True, "allowances": {pair: 100}}
        assert denials((APPROVE,), Simulated(**opened, again_by="x", least_allowances={pair: 100})) == []
        assert denials((APPROVE,), Simulated(**opened, again_by="x", least_allowances={pair: 99})) == ["missing"]
        swap = SWAP.model_copy(update={"counterparty": ALICE})
        sold = {"succeeded": True, "outflows": {USDC: 100}, "recipients": {f"{WETH}:{ALICE}": 5}}
        assert denials((swap,), Simulated(**sold, again_by="x", least_recipients={f"{WETH}:{ALICE}": 5})) == []
        assert denials((swap,), Simulated(**sold, again_by="x", least_recipients={f"{WETH}:{ALICE}": 4})) == ["inflow"]

    def test_storage_that_nothing_explains_is_denied_in_words(self) -> None:
        slot = "0x" + "0" * 63 + "7"
        for place, words in ((f"{USDC}:{slot}", f"its storage at {slot}"), (f"{USDC}:code", "its code")):
            strange = Simulated(succeeded=True, unexplained=(place,))
            (reason,) = simulation_denials((), PROPOSAL, BOOK, Facts(at=AT, simulation=strange))
            assert (reason.condition, words in reason.message) == ("storage", True)

    def test_a_failure_says_which_call_fails(self) -> None:
        for failed, words in ((None, "The calls would fail: no"), (1, "Call 1 would fail: no")):
            simulated = Simulated(succeeded=False, failure="no", failed_call=failed)
            (reason,) = simulation_denials((PAY,), PROPOSAL, BOOK, Facts(at=AT, simulation=simulated))
            assert reason.message == words

    def test_an_approval_lets_nothing_leave(self) -> None:
        taken = Simulated(succeeded=True, outflows={USDC: 1}, allowances={f"{USDC}:{ROUTER}": 100})
        assert denials((APPROVE,), taken) == ["outflow"]

    def test_what_is_used_up_ends_at_zero_whatever_stood_before(self) -> None:
        sold = {"succeeded": True, "outflows": {USDC: 100}, "inflows": {WETH: 5}}
        pair = f"{USDC}:{ROUTER}"
        assert denials((SETTLED, SWAP), Simulated(**sold, allowances={pair: 5}), allowances={pair: 5}) == ["allowance"]
        paid = Simulated(
            succeeded=True,
            outflows={USDC: 100},
            recipients={f"{USDC}:{ALICE}": 100},
            allowances={f"{USDC}:{ALICE}": 5},
        )
        assert denials((PAY,), paid, allowances={f"{USDC}:{ALICE}": 5}) == [], "what a payee may take is as it was"

    def test_a_withdrawal_pays_its_recipient_and_a_supply_pays_nobody_by_name(self) -> None:
        withdraw = Effect(kind=Kind.WITHDRAW, call=0, target=POOL, asset=USDC, amount=50, counterparty=ALICE)
        assert denials((withdraw,), Simulated(succeeded=True, recipients={f"{USDC}:{ALICE}": 50})) == []
        supply = Effect(kind=Kind.SUPPLY, call=0, target=POOL, asset=USDC, amount=100, counterparty=MALLORY)
        got = Simulated(succeeded=True, outflows={USDC: 100}, recipients={f"{USDC}:{MALLORY}": 101})
        assert denials((supply,), got) == ["recipient"]
        (reason,) = simulation_denials((supply,), PROPOSAL, BOOK, Facts(at=AT, simulation=got))
        assert (reason.actual, reason.limit) == (f"{MALLORY}: 101", "0")

    def test_gas_beyond_the_limit_is_denied(self) -> None:
        used = Simulated(succeeded=True, outflows={USDC: 100}, recipients={f"{USDC}:{ALICE}": 100}, gas_used=(50_000,))
        assert denials((PAY,), used, fees=Fees(gas_limit=49_999, max_fee_per_gas=1)) == ["gas"]
        assert denials((PAY,), used, fees=Fees(gas_limit=50_000, max_fee_per_gas=1)) == []

    def test_an_amount_that_is_unknown_lets_nothing_leave(self) -> None:
        unknown = PAY.model_copy(update={"amount": None})
        assert "outflow" in denials((unknown,), Simulated(succeeded=True, outflows={USDC: 1}))
