"""What the guard tells a judgement of its own: who asked, who wrote the policy, whom it knows, how it went."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from treasurer.policies.facts import Simulated
from treasurer.policies.observation.actual import Movements
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard.approvals import ApprovalRefused
from treasurer.runtime.guard.inclusion import drift_bps
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE
from treasurer.wallets.keys import PrivateKey

from .conftest import Running, change_policy, guarding, signing
from .test_stop import _order

STRANGER = "0x" + "77" * 20
CAROL = PrivateKey(b"\x07" * 32)


def _facts(running: Running) -> dict[str, Any]:
    record = list(running.state.log.records(kind="judged"))[-1]
    facts = running.state.log.facts(record)
    assert facts is not None
    return facts


async def _stranger(running: Running, key: str) -> dict[str, Any]:
    from treasurer.wallets.call import Call

    usdc = running.state.bundle.book.tokens(31337)[0].address
    return await running.submit(running.proposal([Call.encode(usdc, "transfer(address,uint256)", STRANGER, 1)], key))


async def test_the_person_whose_words_a_run_is_for_is_its_asker(running: Running) -> None:
    proposal = running.pay("1")
    await running.submit(proposal)
    assert _facts(running)["asker"] is None
    for number, (said, asker) in enumerate([(["owner"], "owner"), (["root"], None), (["owner", "root"], None)]):
        paid = running.pay("2", f"said {number}")
        for person in said:
            await running.ask("said", run=paid.run, person=person, words="pay alice 2 usdc")
        await running.submit(paid)
        assert _facts(running)["asker"] == asker, said


async def test_the_author_is_who_signed_the_policy_in_force(running: Running) -> None:
    await running.submit(running.pay("1"))
    assert _facts(running)["authors"] == ["owner"]


async def test_whoever_asked_or_wrote_the_policy_does_not_approve_it(bot: BotFolder, chain: Devnet) -> None:
    book = bot.root / "book.yaml"
    carol = f'  carol: {{address: "{CAROL.address}", may: [approve]}}\n'
    book.write_text(book.read_text().replace("people:\n", f"people:\n{carol}"))
    terms = "approvals: {quorum: 1, of: [owner], expires: 1h}"
    change_policy(bot, terms, "approvals: {quorum: 1, of: [owner, carol], expires: 1h, separate: [author]}")
    async with signing(bot), guarding(bot) as guard:
        proposal = guard.pay("5000")
        waiting = await guard.submit(proposal)
        assert waiting["verdict"] == "escalate"
        with pytest.raises(ApprovalRefused, match="another person"):
            await guard.ask("approve", digest=waiting["digest"], signature=guard.signed(waiting["digest"]))
        signature = "0x" + CAROL.sign_hash(waiting["digest"]).hex()
        assert (await guard.ask("approve", digest=waiting["digest"], signature=signature))["complete"]
        assert (await guard.ask("wait", key=proposal.intent_key, seconds=20))["state"] == "confirmed"


async def test_an_address_is_known_since_its_book_is_in_force(running: Running, chain: Devnet) -> None:
    await running.submit(running.pay("1", "a"))
    first = _facts(running)["known_since"]
    assert set(first) >= {ALICE}
    assert STRANGER not in first
    chain.world.advance(100)
    book = running.folder.root / "book.yaml"
    written = book.read_text()
    entry = f'payees:\n  mallory: {{address: "{STRANGER}", chains: [31337]}}\n'
    for text, there in ((written.replace("payees:\n", entry), True), (written, False), (None, True)):
        book.write_text(text or written.replace("payees:\n", entry))
        change_policy(running.folder, "version: 1", "version: 1")
        await running.tidy()
        await running.ask("apply_policy")
        chain.world.advance(100)
        await running.submit(running.pay("1", f"b {text} {there}"))
        now = _facts(running)["known_since"]
        assert now[ALICE] == first[ALICE]
        assert (STRANGER in now) is there
        if there:
            since = now[STRANGER]
            assert since > first[ALICE]
    await running.tidy()
    assert int(running.state.now().timestamp()) - since < 200, "it came back, and its time began anew"


async def test_whom_the_wallet_paid_is_a_peer_and_whom_it_did_not_is_none(running: Running) -> None:
    await running.submit(running.pay("1", "first"))
    assert _facts(running)["peers"] == []
    await running.ask("wait", key=running.pay("1", "first").intent_key, seconds=20)
    await _stranger(running, "denied")
    await running.submit(running.pay("2", "second"))
    assert _facts(running)["peers"] == [ALICE]


async def test_denials_are_counted_in_a_row_and_anew_after_a_resumption(running: Running) -> None:
    for number in range(3):
        await _stranger(running, f"denied {number}")
        assert _facts(running)["denials_in_row"] == number
    await _stranger(running, "denied 0")  # the same again is no denial more
    await running.submit(running.pay("1", "good"))
    assert _facts(running)["denials_in_row"] == 3
    await _stranger(running, "denied again")
    assert _facts(running)["denials_in_row"] == 0
    stop = (await running.ask("stop", reason="look"))["record"]
    await running.ask("resume", signature=_order(running, stop))
    await running.submit(running.pay("2", "after"))
    assert _facts(running)["denials_in_row"] == 0


async def test_a_breaker_on_denials_stops_the_wallet_and_a_resumption_lets_it_go_on(
    bot: BotFolder, chain: Devnet
) -> None:
    breaker = "breakers:\n  - {id: hammering, when: {denials_in_row: {count: 2}}, then: stop}\nrules:\n"
    change_policy(bot, "rules:\n", breaker)
    async with signing(bot), guarding(bot) as guard:
        for number in range(4):
            await _stranger(guard, f"denied {number}")
        assert (await guard.submit(guard.pay("2", "would pass")))["verdict"] == "deny"
        assert guard.state.stopped
        stop = str(guard.state.memory.recall("stop"))
        await guard.ask("resume", signature=_order(guard, stop))
        assert (await guard.submit(guard.pay("1")))["verdict"] == "allow"


async def test_a_bad_outcome_is_held_against_the_next_for_a_day(running: Running, chain: Devnet) -> None:
    running.state.conduct.drifted(Decimal(250), running.state.now())
    running.state.conduct.drifted(Decimal(30), running.state.now())
    await running.submit(running.pay("1", "a"))
    assert Decimal(_facts(running)["drift_bps"]) == 250
    chain.world.advance(86_401)
    await running.tidy()
    await running.submit(running.pay("2", "b"))
    assert Decimal(_facts(running)["drift_bps"]) == 0


USDC, WETH, POOL = "0x" + "c0" * 20, "0x" + "e1" * 20, "0x" + "90" * 20
SIMULATED = Simulated(
    succeeded=True, outflows={USDC: 1000}, inflows={WETH: 1000}, recipients={f"{USDC}:{POOL}": 1000},
    allowances={f"{USDC}:{POOL}": 5},
)  # fmt: skip


@pytest.mark.parametrize(
    ("out", "back", "recipients", "allowances", "bps"),
    [
        ({USDC: 1000}, {WETH: 1000}, {f"{USDC}:{POOL}": 1000}, {}, 0),
        ({USDC: 990}, {WETH: 1001}, {f"{USDC}:{POOL}": 990}, {f"{USDC}:{POOL}": 5}, 0),
        ({USDC: 1011}, {WETH: 1000}, {f"{USDC}:{POOL}": 1011}, {}, 110),
        ({USDC: 1000}, {WETH: 975}, {f"{USDC}:{POOL}": 1000}, {}, 250),
        ({USDC: 1000}, {}, {f"{USDC}:{POOL}": 1000}, {}, 10_000),
        ({USDC: 1000, WETH: 1}, {WETH: 1000}, {}, {}, 10_000),
        ({USDC: 1000}, {WETH: 1000}, {f"{USDC}:{STRANGER}": 1}, {}, 10_000),
        ({USDC: 1000}, {WETH: 1000}, {}, {f"{USDC}:{POOL}": 6}, 10_000),
    ],
)
def test_drift_is_the_worst_difference_against_us(
    out: dict[str, int], back: dict[str, int], recipients: dict[str, int], allowances: dict[str, int], bps: int
) -> None:
    moved = Movements()
    moved.outflows.update(out)
    moved.inflows.update(back)
    moved.recipients.update(recipients)
    moved.allowances.update(allowances)
    assert drift_bps(SIMULATED, moved) == bps
