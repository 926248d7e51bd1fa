"""The agent process: what it leaves when it is killed, who may confirm, and when it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from treasurer.agent import Ended, Included, Judged, Proposed, Waiting
from treasurer.runtime.agent.agent import register
from treasurer.runtime.agent.client import AgentClient, open_agent
from treasurer.runtime.agent.runs import Runs
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard import open_guard
from treasurer.runtime.processes.ipc import NotRunning, RemoteError, connect
from treasurer.runtime.processes.joining import is_held, joined
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC

from ..conftest import pid_of

GOAL = "send 10 usdc to alice"


async def _until_gone(folder: BotFolder, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while is_held(folder.sockets / "agent.lock"):
        assert time.monotonic() < until, "the agent did not end"
        await asyncio.sleep(0.05)


@pytest.fixture
async def agent(bot: BotFolder) -> AsyncIterator[AgentClient]:
    async with open_agent(bot) as client:
        yield client
    await _until_gone(bot)


@pytest.mark.parametrize("boundary", [None, Proposed, Judged, Included])
async def test_killed_anywhere_the_next_process_goes_on_and_the_effect_is_one(
    bot: BotFolder, chain: Devnet, boundary: type | None
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    events = []
    async with open_agent(bot) as agent:
        first = pid_of(bot, "agent")
        if boundary is None:
            await agent.ask("run_start", run="payment", goal=GOAL)
            os.kill(first, signal.SIGKILL)
        async for event in agent.stream("payment", GOAL):
            if boundary is not None and isinstance(event, boundary) and pid_of(bot, "agent") == first:
                os.kill(first, signal.SIGKILL)
            events.append(event)
        assert pid_of(bot, "agent") != first or boundary is Included
    assert isinstance(events[-1], Ended)
    assert events[-1].outcome == "finished"
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    async with open_guard(bot) as guard:
        rows = (await guard.ask("journal"))["rows"]
        said = (await guard.ask("audit_log", kind="said"))["rows"]
    assert len(rows) == 1
    assert len(said) == 1
    await _until_gone(bot)


async def test_unfinished_runs_are_taken_up_without_being_asked_for(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    async with open_agent(bot) as agent:
        async for event in agent.stream("payment", GOAL):
            if isinstance(event, Proposed):
                os.kill(pid_of(bot, "agent"), signal.SIGKILL)
                break
    await _until_gone(bot)
    async with open_agent(bot) as agent:
        until = time.monotonic() + 30
        while (await agent.ask("runs", count=1))["rows"][0]["state"] != "finished":
            assert time.monotonic() < until
            await asyncio.sleep(0.1)
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    await _until_gone(bot)


async def test_a_run_that_waits_for_people_outlives_its_process(bot: BotFolder, chain: Devnet) -> None:
    from treasurer.runtime.bot.secrets import resolve
    from treasurer.wallets.signers import open_keystore
    from treasurer.wallets.typed_data import TypedData

    before = chain.world.balance(ALICE, "usdc")
    async with open_agent(bot) as agent:
        async for event in agent.stream("big", "send 5000 usdc to alice"):
            if isinstance(event, Waiting):
                digest = event.digest
                break
    await _until_gone(bot)
    password = resolve("file:password", root=bot.root / "owner", purpose="the owner's password")
    owner = open_keystore(bot.root / "owner" / "owner.json", password)
    async with open_agent(bot) as agent, open_guard(bot, signer=True) as guard:
        assert (await agent.ask("runs", count=1))["rows"][0]["state"] == "waiting"
        shown = await guard.ask("approval_show", digest=digest)
        signature = owner.sign_hash(TypedData.model_validate(shown["typed_data"]).signing_hash())
        await guard.ask("approve", digest=digest, signature="0x" + signature.hex())
        last = [event async for event in agent.follow("big")][-1]
    assert isinstance(last, Ended)
    assert last.outcome == "finished"
    assert chain.world.balance(ALICE, "usdc") - before == 5000 * USDC
    await _until_gone(bot)


@pytest.mark.parametrize("yes", [True, False])
async def test_nothing_is_submitted_before_the_person_says_yes(
    bot: BotFolder, chain: Devnet, agent: AgentClient, yes: bool
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    async for event in agent.stream("asked", GOAL, confirm=True):
        if isinstance(event, Proposed):
            assert (event.confirm, event.verdict) == (True, "allow")
            await asyncio.sleep(0.5)
            async with open_guard(bot) as guard:
                assert (await guard.ask("journal"))["rows"] == []
            assert not await agent.confirm("asked", "0x" + "0" * 64, yes=True)
            assert not await agent.confirm("other", event.key, yes=True)
            assert await agent.confirm("asked", event.key, yes=yes)
            assert not await agent.confirm("asked", event.key, yes=True)
        if isinstance(event, Ended):
            assert event.outcome == ("finished" if yes else "cancelled")
    assert chain.world.balance(ALICE, "usdc") - before == (10 * USDC if yes else 0)


async def test_killed_before_its_first_checkpoint_a_run_still_asks(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    runs = Runs(bot.checkpoints)
    runs.begin("asked", GOAL, origin="user", trigger="chat", asked_by="", turns=[])
    runs.close()
    async with open_agent(bot) as agent:
        async for event in agent.follow("asked"):
            assert not isinstance(event, Judged | Included)
            if isinstance(event, Proposed):
                assert event.confirm
                await agent.confirm("asked", event.key, yes=False)
    assert chain.world.balance(ALICE, "usdc") == before
    await _until_gone(bot)


async def test_where_nobody_is_left_to_ask_the_answer_is_no(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    async with open_agent(bot) as agent:
        async for event in agent.stream("asked", GOAL, confirm=True):
            if isinstance(event, Proposed):
                break
    await _until_gone(bot)
    async with open_agent(bot) as agent:
        (row,) = (await agent.ask("runs", count=5))["rows"]
    assert row["state"] == "cancelled"
    assert chain.world.balance(ALICE, "usdc") == before
    await _until_gone(bot)


async def test_cancel_takes_back_what_waits_and_not_what_is_done(
    bot: BotFolder, chain: Devnet, agent: AgentClient
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    events = agent.stream("big", "send 5000 usdc to alice")
    async for event in events:
        if isinstance(event, Waiting):
            assert await agent.ask("cancel", run="big") == {"result": "withdrawn"}
        if isinstance(event, Ended):
            assert event.outcome == "denied"
            assert "withdrawn" in event.message
    assert await agent.ask("cancel", run="big") == {"result": "nothing_open"}
    assert await agent.ask("cancel", run="never") == {"result": "nothing_open"}
    assert chain.world.balance(ALICE, "usdc") == before


async def test_a_termination_is_clean_and_the_run_goes_on_later(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    async with open_agent(bot) as agent:
        async for event in agent.stream("payment", GOAL):
            if isinstance(event, Proposed):
                os.kill(pid_of(bot, "agent"), signal.SIGTERM)
                break
        await _until_gone(bot)
        with pytest.raises(NotRunning):
            await agent.ask("status")
    assert not bot.agent_socket.exists()
    async with open_agent(bot) as agent:
        last = [event async for event in agent.stream("payment", GOAL)][-1]
    assert isinstance(last, Ended)
    assert last.outcome == "finished"
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    await _until_gone(bot)


async def test_when_the_guard_dies_the_agent_ends_and_the_next_finishes(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    async with open_agent(bot) as agent:
        events = []
        async for event in agent.stream("payment", GOAL):
            if isinstance(event, Proposed) and not any(isinstance(one, Proposed) for one in events):
                os.kill(pid_of(bot, "guard"), signal.SIGKILL)
            events.append(event)
    assert isinstance(events[-1], Ended)
    assert events[-1].outcome == "finished"
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    await _until_gone(bot)


async def test_a_guard_that_dies_before_anything_is_proposed_ends_no_run(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    async with open_agent(bot) as agent:
        async with open_guard(bot) as guard:
            await register(guard, "payment", GOAL, trigger="command", asked_by="")
        guards = pid_of(bot, "guard")
        os.kill(guards, signal.SIGSTOP)
        await agent.ask("run_start", run="payment", goal=GOAL)
        await asyncio.sleep(0.5)
        os.kill(guards, signal.SIGKILL)
        last = [event async for event in agent.stream("payment", GOAL)][-1]
    assert isinstance(last, Ended)
    assert last.outcome == "finished"
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    await _until_gone(bot)


async def test_words_lost_with_the_guard_are_said_again_and_once(bot: BotFolder, chain: Devnet) -> None:
    async with open_guard(bot) as guard:
        await guard.ask(
            "open_run", run="payment", trigger="command", asked_by=""
        )  # and the guard died before the words
        for _ in range(2):
            await register(guard, "payment", GOAL, trigger="command", asked_by="")
        (said,) = (await guard.ask("audit_log", kind="said"))["rows"]
    assert said["run"] == "payment"


@pytest.mark.parametrize(
    ("method", "params", "status"),
    [
        ("run_start", {"run": "../x", "goal": GOAL}, 2),
        ("run_start", {"run": "x", "goal": ""}, 2),
        ("run_start", {"run": "x", "goal": "y" * 5000}, 2),
        ("run_start", {"run": "x", "goal": GOAL, "origin": "operator"}, 2),
        ("run_events", {"run": "unknown"}, 2),
        ("sign", {}, 3),
    ],
)
async def test_what_the_socket_refuses(agent: AgentClient, method: str, params: dict[str, str], status: int) -> None:
    with pytest.raises(RemoteError) as refused:
        await agent.ask(method, **params)
    assert refused.value.exit_status == status


async def test_only_one_agent_holds_a_bot(bot: BotFolder, agent: AgentClient) -> None:
    first = pid_of(bot, "agent")
    connections = await asyncio.gather(*(joined(bot, "agent", bot.agent_socket) for _ in range(3)))
    for connection in connections:
        await connection.close()
    assert pid_of(bot, "agent") == first
    await (await connect(bot.agent_socket)).close()
