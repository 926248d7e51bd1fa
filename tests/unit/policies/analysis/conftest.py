"""Presets and policies of the small world, ready to be asked questions."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest

from treasurer.policies.analysis.worlds import World
from treasurer.policies.language.bundle import PolicyBundle

PINNED = 'code_hash: "0x' + "c" * 64 + '", '
OWNER = 'people:\n  owner: {address: "0x' + "7" * 40 + '", may: [approve]}\n'
FEED = 'feed: "0x' + "f" * 40 + '", heartbeat: 24h, '


def whole_book(text: str) -> str:
    """The world's book as ``init`` would write it: one owner, venues pinned, tokens priced, no section unused."""
    text = text.replace("kind: uniswap", PINNED + "kind: uniswap").replace("kind: aave", PINNED + "kind: aave")
    text = text.replace("decimals:", FEED + "permit: true, decimals:")
    before, after = text.split("people:\n")
    text = before + OWNER + after[after.index("accounts:") :]
    return text[: text.index("blocked:")] + text[text.index("venues:") :]


@pytest.fixture(scope="session")
def preset(world) -> Callable[[str], PolicyBundle]:
    def load(name: str) -> PolicyBundle:
        text = (files("treasurer.policies.language") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
        book = whole_book(world.book_text)
        return PolicyBundle.from_bytes(text.replace("chains: [31337]", "chains: [1]").encode(), book.encode())

    return load


@pytest.fixture(scope="session")
def bundle(world) -> Callable[..., PolicyBundle]:
    """A bundle of rules, limits and breakers on chain 1, with the pinned and priced book or another."""

    def make(text: str, book: str | None = None) -> PolicyBundle:
        head = "version: 1\nname: t\nchains: [1]\n"
        return PolicyBundle.from_bytes((head + text).encode(), (book or whole_book(world.book_text)).encode())

    return make


@pytest.fixture(scope="session")
def asked(bundle) -> Callable[..., World]:
    def make(text: str, book: str | None = None) -> World:
        return World(bundle(text, book))

    return make
