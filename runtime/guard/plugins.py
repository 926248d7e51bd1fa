"""Plug-ins: code that a policy pins by its hash, asked about each effect in a process that has no key and no way out.

One process answers one question and is killed after it: nothing that a plug-in remembers reaches the next question.
Whatever does not go as it should is an answer that failed, and with it the condition is unknown.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...policies.effect import Effect
from ...policies.facts import Facts, PluginAnswer
from ...policies.language.plugins import PluginPin
from ...policies.proposal import Proposal
from ...wallets.errors import TreasurerError
from .plugin_code import PluginCode, find_plugin

START_SECONDS = 5.0
"""Until Python is there and the plug-in imported."""
ANSWER_SECONDS = 0.5
"""For the answer itself (contract.md)."""
MAX_ANSWER_BYTES = 1 << 16
_WORKER = Path(__file__).with_name("plugin_worker.py")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
_UNTOLD = {"plugins", "spent", "peers", "known_since", "authors", "engine", "not_held"}
"""Facts that a plug-in is not told: what others answered, and what the guard keeps for itself."""


class PluginFailed(TreasurerError):
    """A plug-in gave no usable answer; the message says why."""


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    holds: list[bool]
    why: list[str]


async def ask_plugins(
    pins: Mapping[str, PluginPin], effects: Sequence[Effect], proposal: Proposal, facts: Facts
) -> dict[str, PluginAnswer]:
    """The answer of each plug-in to all effects, in order; ``failed`` where it gave none that can be used."""
    request = {
        "version": 1,
        "effects": [effect.model_dump(mode="json") for effect in effects],
        "proposal": proposal.to_json(),
        "facts": facts.model_dump(mode="json", exclude=_UNTOLD),
    }
    line = json.dumps(request).encode() + b"\n"
    names = sorted(pins)
    answers = await asyncio.gather(*(_answer(name, pins[name], line, len(effects)) for name in names))
    return dict(zip(names, answers, strict=True))


async def _answer(name: str, pin: PluginPin, line: bytes, effects: int) -> PluginAnswer:
    try:
        answer, _ = await run_plugin(await asyncio.to_thread(_pinned, name, pin), line)
        if len(answer.holds) != effects:
            raise PluginFailed(f"it answered {len(answer.holds)} times for {effects} effects")
        return PluginAnswer(holds=tuple(answer.holds), why=tuple(answer.why))
    except TreasurerError as error:
        return PluginAnswer(failed=str(error))


def _pinned(name: str, pin: PluginPin) -> PluginCode:
    code = find_plugin(name)
    if code.hash != pin.hash:
        raise PluginFailed(f"what is installed has another hash than the policy pins: {code.hash}")
    return code


async def run_plugin(code: PluginCode, line: bytes) -> tuple[_Answer, list[str]]:
    """Ask once, in a fresh process; the answer, and what the system did not let it give up. Raises PluginFailed."""
    with tempfile.TemporaryDirectory(prefix="treasurer-plugin-") as made:
        folder, empty = Path(made) / "code", Path(made) / "empty"
        folder.mkdir()
        empty.mkdir()
        code.write(folder)
        options = ("-I", "-S", "-B", "-X", f"pycache_prefix={empty}")
        process = await asyncio.create_subprocess_exec(
            sys.executable, *options, str(_WORKER), str(folder), code.target,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=_ENVIRONMENT, cwd=empty, start_new_session=True, limit=MAX_ANSWER_BYTES,
        )  # fmt: skip
        try:
            ready = await _line(process, START_SECONDS, "start")
            assert process.stdin is not None
            process.stdin.write(line)
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(process.stdin.drain(), ANSWER_SECONDS)
            said = await _line(process, ANSWER_SECONDS, "answer")
            return _Answer.model_validate(said), [str(one) for one in ready.get("kept", [])]
        except ValidationError as error:
            raise PluginFailed("its answer is not a list of true and false with reasons") from error
        except TimeoutError as error:
            raise PluginFailed("it did not read its question in time") from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def what_is_kept() -> list[str]:
    """Of ``network`` and ``files``, what a plug-in keeps on this system; everything where none can be started."""
    probe = PluginCode("probe", "probe:judge", {"probe.py": b"def judge(request):\n    return []\n"})
    try:
        return (await run_plugin(probe, b"{}\n"))[1]
    except PluginFailed as error:
        return [f"everything ({error})"]


async def _line(process: asyncio.subprocess.Process, seconds: float, what: str) -> dict[str, Any]:
    assert process.stdout is not None
    try:
        written = await asyncio.wait_for(process.stdout.readline(), seconds)
        said = json.loads(written) if written else None
    except TimeoutError as error:
        raise PluginFailed(f"it did not {what} within {seconds * 1000:.0f} ms") from error
    except (ValueError, RecursionError) as error:
        raise PluginFailed("what it wrote cannot be read, or is too much") from error
    if not isinstance(said, dict):
        raise PluginFailed(f"it ended before it could {what}")
    return said
