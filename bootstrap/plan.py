"""What each goal of the Makefile needs, in order: the machine, the environment, then all that is slow side by side."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import environment
import llama
import machine
from step import Log, Step, StepError, locked, run_together

ROOT = Path(__file__).resolve().parent.parent
SMALL_MODEL, MODEL = "smollm2-135m-q4_1", "qwen2.5-coder-1.5b-q4_k_m"
SIZES = {SMALL_MODEL: ", 0.1 GB", MODEL: ", 1.1 GB, about 2 min"}
NOT_READY = 3
LOCK_FILES = "requirements.lock", "pyproject.toml"


@dataclass(frozen=True)
class Goal:
    """The parts that a goal needs besides the environment; only what runs a devnet on a fixed port holds the port."""

    compiled: bool = True
    devnet: bool = True
    models: tuple[str, ...] = (MODEL,)
    port: bool = False


GOALS = {
    "check": Goal(compiled=False, devnet=False, models=()),
    # Tests that ask the large model are skipped, with the reason, where it is not on the disk.
    "test": Goal(models=(SMALL_MODEL,)),
    "setup": Goal(models=(SMALL_MODEL, MODEL)),
    "demo": Goal(port=True),
}


def main(arguments: list[str]) -> int:
    """Run one goal; 0, or 3 with what to do next on standard error."""
    parser = argparse.ArgumentParser(prog="bootstrap", description=__doc__)
    parser.add_argument("goal", choices=GOALS)
    parser.add_argument("--port", type=int, default=machine.DEVNET_PORT, help="the devnet's port, held free for demo")
    options = parser.parse_args(arguments)
    cache = Path(os.environ.get("TREASURER_CACHE") or Path.home() / ".cache" / "treasurer").absolute()
    try:
        reach(GOALS[options.goal], cache=cache, port=options.port)
    except machine.NotReady as error:
        print(error, file=sys.stderr)
        return NOT_READY
    except (StepError, LookupError, OSError) as error:
        print(f"\n{error}\n\nNothing is lost: what was finished is kept, run the same command again.", file=sys.stderr)
        return NOT_READY
    except KeyboardInterrupt:
        return 130
    return 0


def reach(goal: Goal, *, cache: Path, port: int) -> None:
    """Bring the clone to ``goal``; raises NotReady, StepError, LookupError or OSError, with what to do."""
    started = time.monotonic()
    locks = [(ROOT / name).read_text() for name in LOCK_FILES]
    ready = environment.is_sound(ROOT) and environment.is_done(ROOT, "environment", *locks)
    tools = [tool for tool, needed in (("node", goal.devnet), ("compiler", goal.compiled)) if needed]
    machine.check(tools, cache=cache, root=ROOT, first=not ready, port=port if goal.port else None)
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "locks" / f"clone-{ROOT.name}-{ROOT.stat().st_ino}.lock"):
        logs = ROOT / ".cache" / "setup"
        steps = _steps(goal, cache)
        of = len(steps) + 2
        if not ready:
            print(f"[1/{of}] the machine has what is needed; the cache is {cache}", flush=True)
        run_together([_environment(locks, ready)], of=of, logs=logs)
        run_together(steps, of=of, logs=logs)
        if goal.compiled:
            _install_compiled(cache, locks, logs)
    print(f"ready in {time.monotonic() - started:.0f} s", flush=True)


def _environment(locks: list[str], ready: bool) -> Step:
    def work(log: Log) -> None:
        environment.install(ROOT, log)
        environment.set_done(ROOT, "environment", *locks)

    return Step(2, "installing Python packages", work, note=" from requirements.lock into .venv", due=not ready)


def _steps(goal: Goal, cache: Path) -> list[Step]:
    """The slow parts, which run side by side; each keeps what it made in the cache and does nothing the second time."""
    steps: list[Step] = []
    if goal.compiled:
        pinned = environment.requirement(ROOT, llama.PACKAGE)
        folder = llama.entry(cache, pinned)

        def compiled(log: Log) -> None:
            llama.build(folder, pinned, environment.python(ROOT), log)

        steps.append(Step(3, "compiling llama.cpp", compiled, note=llama.note(), due=not folder.exists()))
    parts = []
    if goal.devnet:
        install = ["-m", "treasurer.scenarios.devnet", "install"]
        parts.append(("installing the devnet", " (anvil and protocols from npm), about 1 min", install))
    for model in goal.models:
        pull = ["-m", "treasurer.inference.models", "pull", model]
        parts.append((f"fetching the model {model}", SIZES[model], pull))
    for name, note, command in parts:

        def fetched(log: Log, command: list[str] = command) -> None:
            log.run([environment.python(ROOT), *command], TREASURER_CACHE=str(cache))

        steps.append(Step(len(steps) + 3, name, fetched, note=note))
    return steps


def _install_compiled(cache: Path, locks: list[str], logs: Path) -> None:
    folder = llama.entry(cache, environment.requirement(ROOT, llama.PACKAGE))
    if not environment.is_done(ROOT, "llama", folder.name, *locks):
        log = Log(logs / "llama-install.log")
        environment.install_wheel(ROOT, llama.wheel(folder), log)
        environment.set_done(ROOT, "llama", folder.name, *locks)
