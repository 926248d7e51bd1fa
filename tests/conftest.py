"""What every test gets: no traffic beyond this machine, and the model's tests only where the model is."""

from __future__ import annotations

import importlib.util
import ipaddress
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
JUDGEMENT_MODEL = "qwen2.5-coder-1.5b-q4_k_m"


def _hold_to_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple) and not _is_loopback(str(address[0])):
        raise PermissionError(f"a test tried to reach {address[0]}: tests talk to this machine alone")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(_hold_to_loopback)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asking = [item for item in items if item.get_closest_marker("judgement")]
    reason = _why_no_judgement() if asking else None
    for item in asking:
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def _why_no_judgement() -> str | None:
    from treasurer.inference.models import list_models

    if importlib.util.find_spec("llama_cpp") is None:
        return "llama-cpp-python is not installed: make setup"
    for status in list_models():
        if status.manifest.name == JUDGEMENT_MODEL:
            return None if status.path else f"{JUDGEMENT_MODEL} is not on this machine: make setup"
    raise LookupError(f"the catalog does not know {JUDGEMENT_MODEL}")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository, which is the package."""
    return ROOT
