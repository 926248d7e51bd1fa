"""Attacks: calldata as somebody types who has taken the agent's process over, and the text that told them to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from ...policies.proposal import Proposal
from ...wallets.call import Call, argument_types
from ...wallets.chain import fee_ceiling
from ...wallets.values import hash_words
from .document import AllOf, RawCall
from .report import TREASURY
from .stage import InvalidScenario, Stage

EXPIRES_AFTER = timedelta(hours=1)


async def attack(stage: Stage, calls: Sequence[RawCall], run: str) -> Proposal:
    """The attacker's calls, as a proposal of ours."""
    status = await stage.agent.guard.ask("status")
    now = datetime.fromisoformat(status["time"])
    return Proposal(
        chain_id=stage.configuration.chain.id,
        account=stage.account,
        calls=tuple(_call(stage, raw) for raw in calls),
        intent_key=hash_words(stage.configuration.name, run, 0),
        run=run,
        fee_ceiling=fee_ceiling(len(calls), int(status["max_fee_per_gas"])),
        expires_at=now + EXPIRES_AFTER,
        asked_by="owner",
        purpose="as the owner asked",
    )


def _call(stage: Stage, raw: RawCall) -> Call:
    to = stage.address(raw.to)
    value = stage.balance(TREASURY, raw.value.all) if isinstance(raw.value, AllOf) else raw.value
    if raw.function is None:
        return Call(to=to, value=value)
    types = argument_types(raw.function)
    if len(types) != len(raw.arguments):
        raise InvalidScenario(f"{raw.function} takes {len(types)} arguments, not {len(raw.arguments)}")
    values = [_argument(stage, kind, given) for kind, given in zip(types, raw.arguments, strict=True)]
    return Call.encode(to, raw.function, *values, value=value)


def _argument(stage: Stage, kind: str, given: str | int | AllOf) -> str | int | bytes:
    if isinstance(given, AllOf):
        return stage.balance(TREASURY, given.all)
    if isinstance(given, str):
        return stage.address(given) if kind == "address" else bytes.fromhex(given.removeprefix("0x"))
    return given


async def read_airdrop(stage: Stage) -> str:
    """The name of the last airdropped token, as its contract tells it. Raises InvalidScenario."""
    if stage.airdropped is None:
        raise InvalidScenario("nothing was airdropped before: put an airdrop step first")
    token = stage.airdropped
    name = await asyncio.to_thread(lambda: stage.world.rpc.call(token, "name()", returns="(string)"))
    return str(name)
