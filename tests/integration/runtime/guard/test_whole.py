"""The guard starts on what it wrote, and on nothing else; a compromised program cannot have it write elsewhere."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from pydantic import ValidationError

from treasurer.runtime.audit import DamagedLog
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard.exports import MAX_KEPT, NotExported, export_to
from treasurer.runtime.guard.stuck import STUCK_SECONDS
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.orders import OrderRefused

from .conftest import Running, guarding, signing

_FLIPPED = "substr(block, 1, 60) || x'00' || substr(block, 62)"


async def _with_two_payments(bot: BotFolder, chain: Devnet) -> None:
    """One is final, one waits for people."""
    async with signing(bot), guarding(bot) as guard:
        assert (await guard.done(guard.pay("10", "one")))["state"] == "confirmed"
        chain.world.rpc.request("evm_mine")
        await guard.tidy()
        assert "finalized" in guard.kinds()
        assert (await guard.submit(guard.pay("5000", "two")))["verdict"] == "escalate"


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("DELETE FROM audit_records WHERE seq = 3", "record 3 is missing"),
        ("DELETE FROM audit_records WHERE seq = (SELECT max(seq) FROM audit_records)", "is missing"),
        (f"UPDATE audit_records SET block = CAST({_FLIPPED} AS BLOB) WHERE seq = 4", "record 4 is changed"),
        ("UPDATE audit_records SET kind = 'error' WHERE seq = 2", "record 2 is out of its place: its kind"),
        ("UPDATE audit_head SET peaks = zeroblob(length(peaks))", "the Merkle head"),
        ("DELETE FROM audit_head", "record 0 lies beyond the head"),
        ("DELETE FROM ledger WHERE rowid = (SELECT min(rowid) FROM ledger WHERE settled = 1)", "ledger has lost"),
        ("DELETE FROM ledger WHERE settled = 0 AND counter = 'count'", "ledger has lost"),
        ("DELETE FROM ledger", "ledger has lost what record"),
    ],
)
async def test_a_damaged_database_is_named_and_nothing_starts(
    bot: BotFolder, chain: Devnet, damage: str, says: str
) -> None:
    await _with_two_payments(bot, chain)
    with sqlite3.connect(bot.guard_database) as connection:
        assert connection.execute(damage).rowcount > 0
    connection.close()
    with pytest.raises(DamagedLog, match=says) as raised:
        async with guarding(bot):
            pass
    assert raised.value.exit_status == 3
    assert "treasurer audit export" in str(raised.value)


async def test_an_undamaged_one_starts_again(bot: BotFolder, chain: Devnet) -> None:
    """What was taken back or refused has left the ledger, and the log says so."""
    await _with_two_payments(bot, chain)
    async with guarding(bot) as guard:
        back, refused = guard.pay("5000", "three"), guard.pay("5000", "four")
        await guard.submit(back)
        await guard.ask("withdraw", key=back.intent_key)
        await guard.ask("refuse", digest=(await guard.submit(refused))["digest"])
    async with guarding(bot) as guard:
        assert (await guard.ask("status"))["waiting"] == 1


async def test_the_guard_exports_into_its_own_folder_alone(running: Running, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        await running.ask("audit_export", path=str(tmp_path / "x.car"))
    for _ in range(MAX_KEPT + 2):
        assert Path((await running.ask("audit_export"))["path"]).parent == running.folder.guard / "exports"
    kept = list((running.folder.guard / "exports").iterdir())
    assert len(kept) == MAX_KEPT
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}


async def test_an_export_is_taken_or_refused_in_a_sentence(running: Running, tmp_path: Path) -> None:
    exports = running.folder.guard / "exports"
    for _ in range(2):
        answer = await export_to(running, running.folder, tmp_path / "out.car")  # type: ignore[arg-type]
        assert answer["path"] == str(tmp_path / "out.car")
        assert (tmp_path / "out.car").stat().st_size == answer["bytes"]
    with pytest.raises(NotExported, match="No such file"):
        await export_to(running, running.folder, tmp_path / "no" / "out.car")  # type: ignore[arg-type]
    (tmp_path / "precious").write_text("precious")
    for place in (tmp_path / "precious", running.folder.guard / "x.car", running.folder.root / "policy.yaml"):
        with pytest.raises(OrderRefused):
            await export_to(running, running.folder, place)  # type: ignore[arg-type]
    assert not list(exports.iterdir())


@pytest.mark.parametrize("name", ["", "a b", "line\n", "näh", "x" * 129, "\x1b[2J", "trailing\n"])
async def test_a_run_has_a_printable_name(running: Running, name: str) -> None:
    with pytest.raises(ValidationError):
        await running.ask("open_run", run=name, trigger="api")
    assert (await running.ask("open_run", run="x" * 128, trigger="api"))["first"]


async def test_what_does_not_move_is_named_in_status(bot: BotFolder, chain: Devnet) -> None:
    """No signer runs: the intent stays cleared."""
    bot.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with guarding(bot) as guard:
        await guard.submit(guard.pay("10"))
        await guard.execution.wait_for_change(5)
        assert (await guard.ask("status"))["stuck"] == []
        chain.world.rpc.request("evm_increaseTime", STUCK_SECONDS + 5)
        chain.world.rpc.request("evm_mine")
        [one] = (await guard.ask("status"))["stuck"]
        assert one["state"] in ("approved", "cleared")
        assert one["seconds"] > STUCK_SECONDS
        assert one["hash"] is None
