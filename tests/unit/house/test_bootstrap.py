"""The set-up scripts: what they check first, what names a compiled llama.cpp, and how a failure reads."""

from __future__ import annotations

import importlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

MODULES = ("step", "machine", "environment", "llama", "plan")


@pytest.fixture
def bootstrap(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The scripts as they run: their own folder is the path, and nothing of treasurer is needed."""
    monkeypatch.syspath_prepend(str(root / "bootstrap"))
    yield {name: importlib.import_module(name) for name in MODULES}
    for name in MODULES:
        del sys.modules[name]


@pytest.fixture
def pinned(root: Path, bootstrap: dict[str, Any]) -> str:
    return str(bootstrap["environment"].requirement(root, "llama-cpp-python"))


def _entry(bootstrap: dict[str, Any], pinned: str) -> str:
    return str(bootstrap["llama"].entry(Path("cache"), pinned).name)


def test_a_pinned_requirement_comes_with_its_hashes(pinned: str) -> None:
    first, *hashes = pinned.splitlines()
    assert first.startswith("llama-cpp-python==0.3.")
    assert hashes
    assert all(line.strip(" \\").startswith("--hash=sha256:") for line in hashes)


def test_options_and_cpu_name_the_compiled_wheel(
    bootstrap: dict[str, Any], pinned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORTABLE", raising=False)
    monkeypatch.delenv("TREASURER_CMAKE_ARGS", raising=False)
    names = [_entry(bootstrap, pinned)]
    assert names[0] == _entry(bootstrap, pinned)
    monkeypatch.setenv("TREASURER_CMAKE_ARGS", "-DGGML_CUDA=on")
    names.append(_entry(bootstrap, pinned))
    monkeypatch.setenv("PORTABLE", "1")
    names.append(_entry(bootstrap, pinned))
    monkeypatch.setattr(bootstrap["llama"], "_cpu", lambda: "another")
    assert names[2] == _entry(bootstrap, pinned), "a portable build does not depend on the CPU"
    monkeypatch.delenv("PORTABLE")
    names.append(_entry(bootstrap, pinned))
    assert len(set(names)) == 4


def test_what_is_missing_is_said_with_the_command_that_mends_it(
    bootstrap: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    machine = bootstrap["machine"]
    with pytest.raises(machine.NotReady) as refusal:
        machine.check(["node", "compiler"], cache=tmp_path, root=tmp_path, first=False, port=None)
    first, *reasons = str(refusal.value).splitlines()
    assert first == "Before anything is downloaded:"
    assert [reason.strip().split(" is missing")[0] for reason in reasons] == [
        "Node 20 or newer with npm",
        "a C++ compiler",
    ]
    assert all(" -> " in reason for reason in reasons)
    machine.check([], cache=tmp_path, root=tmp_path, first=False, port=None)


def test_a_taken_port_and_a_full_disk_are_said_before_anything_is_downloaded(
    bootstrap: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_900_000_000))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(bootstrap["machine"].NotReady) as refusal:
            bootstrap["machine"].check([], cache=tmp_path, root=tmp_path, first=True, port=port)
    text = str(refusal.value)
    assert "5.9 GB free, 6 are needed" in text
    assert f"port {port} is taken -> make demo PORT={port + 1}" in text
    assert "--port" in text


def test_an_old_python_is_told_so_by_a_script_that_it_can_read(root: Path) -> None:
    source = (root / "bootstrap" / "__main__.py").read_text()
    compile(source, "bootstrap", "exec", dont_inherit=True)
    start = f"import sys; sys.version_info = (3, 9, 0); exec({source!r}, {{'__name__': '__main__'}})"
    result = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == (
        "Python 3.11 or newer is needed; this is 3.9. Name another one: make PYTHON=python3.12 setup\n"
    )


def test_steps_run_side_by_side_and_a_failure_shows_the_end_of_its_log(
    bootstrap: dict[str, Any], tmp_path: Path
) -> None:
    step = bootstrap["step"]

    def meet(me: str, other: str) -> Any:
        wait = f"import pathlib, time\npathlib.Path({str(tmp_path / me)!r}).touch()\n"
        wait += f"while not pathlib.Path({str(tmp_path / other)!r}).exists(): time.sleep(0.01)\n"
        return lambda log: log.run([sys.executable, "-c", wait])

    def fail(log: Any) -> None:
        log.run([sys.executable, "-c", "print('[3/9] nearly', flush=True); raise SystemExit('the disk is full')"])

    steps = [step.Step(1, "one", meet("a", "b")), step.Step(2, "two", meet("b", "a")), step.Step(3, "three", fail)]
    skipped = step.Step(4, "four", lambda log: pytest.fail("it was done before"), due=False)
    with pytest.raises(step.StepError, match=r"(?s)three failed.*the disk is full.*exited with 1; the whole log: "):
        step.run_together([*steps, skipped], of=4, logs=tmp_path / "logs")
    assert step.Log(tmp_path / "logs" / "3-three.log").progress() == "3/9"


def test_only_what_takes_time_is_announced(
    bootstrap: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = bootstrap["step"]
    monkeypatch.setattr(step, "QUICK_SECONDS", 0.1)
    steps = [
        step.Step(1, "the quick one", lambda log: None),
        step.Step(2, "the slow one", lambda log: time.sleep(0.2), note=", about 6 min"),
    ]
    step.run_together(steps, of=2, logs=tmp_path / "logs")
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("[2/2] the slow one, about 6 min (log: ")
    assert last == "[2/2] the slow one: 0 s"


def test_the_scripts_need_the_standard_library_alone(root: Path) -> None:
    start = "import sys; sys.path.insert(0, 'bootstrap'); import plan; print(*sorted(sys.modules))"
    command = [sys.executable, "-S", "-P", "-c", start]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    strange = {name.split(".")[0] for name in result.stdout.split()} - set(sys.stdlib_module_names) - set(MODULES)
    assert strange <= {"__main__"}
