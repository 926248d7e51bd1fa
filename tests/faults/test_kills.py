"""A guard killed at any boundary of a payment leaves exactly one effect after the next start (invariants 1, 3, 4)."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.commands.payment import payment
from treasurer.runtime.guard import GuardClient, open_guard
from treasurer.runtime.processes.ipc import Connection, NotRunning, connect
from treasurer.runtime.processes.joining import start_process
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC, make_bot

BOUNDARIES = ("before clear", "cleared", "signer answered", "signed", "checkpointed", "sent", "included")
START_SECONDS = 60


async def _dying_guard(folder: BotFolder, boundary: str) -> tuple[subprocess.Popen[bytes], Connection]:
    script = Path(__file__).with_name("dying_guard.py")
    command = [sys.executable, str(script), boundary, "--bot", str(folder.root), "--stay"]
    process = await asyncio.to_thread(subprocess.Popen, command)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            return process, await connect(folder.guard_socket)
        except NotRunning:
            await asyncio.sleep(0.05)
    raise AssertionError("the guard did not start")


@pytest.mark.parametrize("boundary", BOUNDARIES)
async def test_a_kill_leaves_one_effect(boundary: str, tmp_path: Path, chain: Devnet) -> None:
    folder = make_bot(tmp_path / "bot", chain)
    before = chain.world.balance(ALICE, "usdc")
    folder.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    signer = start_process(folder, "signer", folder.sockets / "signer.log", stay=True)
    try:
        process, connection = await _dying_guard(folder, boundary)
        guard = GuardClient(connection)
        status = await guard.ask("status")
        fee = int(status["max_fee_per_gas"])
        proposal = payment(folder, "10", "usdc", "alice", key="the payment", at=status["time"], max_fee_per_gas=fee)
        submitted = await guard.submit(proposal)
        assert submitted["verdict"] == "allow"
        assert process.wait(timeout=START_SECONDS) == -signal.SIGKILL
        await connection.close()

        async with open_guard(folder) as recovered:
            answer = await recovered.wait(proposal.intent_key, START_SECONDS)
            assert answer["state"] == "confirmed", answer
            again = await recovered.submit(proposal)
            assert again["hash"] == answer["hash"]
            rows = (await recovered.ask("journal"))["rows"]
            log = (await recovered.ask("audit_log"))["rows"]
        assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
        assert [row["nonce"] for row in rows] == [0]
        order = [row["kind"] for row in log]
        assert order.index("cleared") < order.index("broadcast") < order.index("included")
        assert order.count("broadcast") == 1
    finally:
        signer.terminate()
        signer.wait(timeout=START_SECONDS)
