"""What may not be published: a package registry's host, an absolute path of this machine, bytecode of other people."""

from __future__ import annotations

import re
from pathlib import Path

# Written in halves, so that this file does not name what it looks for.
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
    "proxy.golang" + ".org",
    "crates" + ".io",
]
HOME = re.compile(r"(?<![\w.])/(?:" + "|".join(["ro" + "ot", "wo" + "rk", "home/[a-z]+", "Users/[a-z]+"]) + r")/")
LARGEST_FILE_BYTES = 600_000


def _texts(root: Path, files: list[str]) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8", errors="replace") for name in files}


def test_no_file_names_a_package_registry(root: Path, files: list[str]) -> None:
    found = [
        (name, host) for name, text in _texts(root, files).items() for host in REGISTRY_HOSTS if host in text.lower()
    ]
    assert not found


def test_no_file_names_a_folder_of_the_machine_it_was_written_on(root: Path, files: list[str]) -> None:
    found = [(name, match[0]) for name, text in _texts(root, files).items() if (match := HOME.search(text))]
    assert not found


def test_the_lock_pins_everything_with_hashes_and_no_address(root: Path) -> None:
    lock = (root / "requirements.lock").read_text()
    pins = re.findall(r"^[a-z0-9.-]+==\S+", lock, re.MULTILINE)
    assert len(pins) > 100
    assert "://" not in lock
    assert all(
        re.search(rf"^{re.escape(pin)}(?: ;[^\n]*)? \\\n    --hash=sha256:[0-9a-f]{{64}}", lock, re.M) for pin in pins
    )


def test_every_npm_lock_is_for_all_platforms_and_holds_no_address(root: Path, files: list[str]) -> None:
    for name in (name for name in files if name.endswith("package-lock.json")):
        text = (root / name).read_text()
        assert '"resolved": "http' not in text, name
        if "@foundry-rs/anvil" not in text:
            continue
        for platform in ("darwin-arm64", "darwin-amd64", "linux-arm64", "linux-amd64"):
            assert f"@foundry-rs/anvil-{platform}" in text, f"{name} lacks anvil for {platform}"


def test_no_file_is_large_enough_to_be_a_model_or_a_chain_state(root: Path, files: list[str]) -> None:
    large = {name: (root / name).stat().st_size for name in files}
    assert not {name: size for name, size in large.items() if size > LARGEST_FILE_BYTES}
