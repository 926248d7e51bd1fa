"""Values as people read them: addresses by label, instants as dates, bytes and numbers of any length in short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ...wallets.values import UINT256_MAX, checksum
from ..book.book import Book

LONGEST_TEXT = 400
LONGEST_BYTES = 36
MOST_ITEMS = 8
_WITHOUT_LIMIT = 1 << 255
_LAST_SECOND = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
_INSTANTS = frozenset({"deadline", "expiry", "expiration", "sigdeadline", "endtime", "starttime"})
_INSTANTS_BEFORE = ("valid",)


def visible(text: str) -> str:
    """The text with every character that steers a screen written out: controls, bidi marks, odd spaces."""
    shown = "".join(character if character.isprintable() else _escaped(character) for character in text)
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}.."


def _escaped(character: str) -> str:
    code = ord(character)
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character) or (
        f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def instant(seconds: int) -> str:
    """``2026-11-24 10:00:00 UTC``, or for ever."""
    if seconds >= _LAST_SECOND:
        return "for ever"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def distance(seconds: int) -> str:
    """A span of time, roughly: ``40 minutes``, ``3 days``, ``5 years``."""
    for unit, length in (("years", timedelta(days=365)), ("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        if abs(seconds) >= 2 * length.total_seconds():
            return f"{seconds // int(length.total_seconds())} {unit}"
    return f"{seconds // 60} minutes" if abs(seconds) >= 120 else f"{seconds} seconds"


def party(address: str, book: Book, chain_id: int, account: str) -> str:
    """``ourselves``, the label with the address, or the address alone."""
    if address == account:
        return "ourselves"
    label = book.label_of(address, chain_id)
    return checksum(address) if label is None else f"{visible(label)} {checksum(address)}"


def written(value: Any, name: str, kind: str, book: Book, chain_id: int, account: str) -> str:
    """One value of an ABI or EIP-712 type; ``name`` tells instants from amounts."""
    if isinstance(value, dict):
        members = (f"{key}: {written(item, key, '', book, chain_id, account)}" for key, item in value.items())
        return visible(f"{{{', '.join(members)}}}")
    if isinstance(value, tuple | list):
        inner = [written(item, name, kind.removesuffix("[]"), book, chain_id, account) for item in value[:MOST_ITEMS]]
        more = [f"and {len(value) - MOST_ITEMS} more"] if len(value) > MOST_ITEMS else []
        return visible(f"[{', '.join([*inner, *more])}]")
    if isinstance(value, bytes):
        return _bytes(value, kind)
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int):
        return _number(value, name)
    text = str(value)
    if _is_address(text):
        return party(text.lower(), book, chain_id, account)
    return _number(int(text), name) if text.isascii() and text.isdecimal() and len(text) < 80 else visible(text)


def _number(value: int, name: str) -> str:
    if value == UINT256_MAX:
        return "2^256 - 1 (unlimited)"
    if value >= _WITHOUT_LIMIT:
        return f"{value} (unlimited)"
    lowered = name.lower()
    is_instant = lowered in _INSTANTS or lowered.startswith(_INSTANTS_BEFORE)
    return f"{value} ({instant(value)})" if is_instant and value >= 10**9 else str(value)


def _bytes(value: bytes, kind: str) -> str:
    if kind == "string":
        try:
            return f'"{visible(value.decode())}"'
        except UnicodeDecodeError:
            pass
    shown = value[:LONGEST_BYTES].hex()
    return f"0x{shown}" + (f".. ({len(value)} bytes)" if len(value) > LONGEST_BYTES else "")


def _is_address(text: str) -> bool:
    return len(text) == 42 and text.startswith("0x") and all(digit in "0123456789abcdefABCDEF" for digit in text[2:])
