"""The words that an ABI file of the signed bundle has for a function or a message: names, never a meaning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ...book.abis import Described, Parameter, Shown
from ..draft.draft import Draft, Frame

LONGEST_NOTE = 600
LONGEST_VALUE = 80
"""Characters of one argument in a note; the calldata has the rest."""
LATEST_DATE = 253_402_300_799
"""The last second that a date can be written for (year 9999)."""


def described_words(draft: Draft, frame: Frame | None, described: Described, arguments: tuple[Any, ...]) -> str:
    """``intent: label value, label value``: one line for people; never judged."""
    name = described.intent or described.signature.partition("(")[0]
    pairs = labelled(draft, frame, described, arguments)
    words = f"{name}: {', '.join(f'{label} {text}' for label, text in pairs)}" if pairs else name
    return words if len(words) <= LONGEST_NOTE else f"{words[:LONGEST_NOTE]}.."


def labelled(
    draft: Draft, frame: Frame | None, described: Described, arguments: tuple[Any, ...]
) -> tuple[tuple[str, str], ...]:
    """Label and text of each argument, in the file's order; by the parameters' own names where it has no display."""
    if not described.shown:
        return tuple(
            (parameter.name or f"argument {position}", _plain(arguments[position], parameter))
            for position, parameter in enumerate(described.parameters)
        )
    return tuple((shown.label, _text(draft, frame, described, arguments, shown)) for shown in described.shown)


def _text(draft: Draft, frame: Frame | None, described: Described, arguments: tuple[Any, ...], shown: Shown) -> str:
    if shown.value is not None:
        return shown.value[:LONGEST_VALUE]
    value = _at(draft, frame, described, arguments, shown.path)
    params = shown.params or {}
    if shown.format == "tokenAmount":
        token = params.get("token")
        if isinstance(params.get("tokenPath"), str):
            token = _at(draft, frame, described, arguments, params["tokenPath"])
        return f"{_plain(value)} base units of {_named(draft, token)}"
    if shown.format == "amount":
        return f"{_plain(value)} wei"
    if shown.format == "addressName":
        return _named(draft, value)
    if shown.format == "enum":
        return str(params.get("values", {}).get(str(value), _plain(value)))[:LONGEST_VALUE]
    if shown.format == "date" and params.get("encoding") != "blockheight":
        return _date(value)
    if shown.format == "duration":
        return f"{_plain(value)} seconds"
    if shown.format == "unit":
        decimals = params.get("decimals", 0)
        scale = f" times 10^-{decimals}" if isinstance(decimals, int) and decimals else ""
        return f"{_plain(value)}{scale} {params.get('base', '')}".strip()
    return _plain(value)


def _named(draft: Draft, value: object) -> str:
    if not isinstance(value, str):
        return _plain(value)
    if value.lower() == draft.account:
        return "self"
    token = draft.token(value.lower())
    venue = draft.book.venue(value.lower(), draft.chain_id)
    return token.label if token is not None else venue.label if venue is not None else _plain(value)


def _date(value: object) -> str:
    if isinstance(value, int) and 0 <= value <= LATEST_DATE:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _plain(value)


def _at(draft: Draft, frame: Frame | None, described: Described, arguments: tuple[Any, ...], path: str) -> Any:
    """The value at a path of ERC-7730 (``params.path.[0:20]``, ``amounts.[-1]``, ``@.value``), or None."""
    if path.startswith("@."):
        wei = 0 if frame is None else frame.value
        target = None if frame is None else frame.target
        return {"@.from": draft.account, "@.value": wei, "@.to": target, "@.chainId": draft.chain_id}.get(path)
    members = described.parameters
    value: Any = arguments
    for segment in path.replace("[", ".[").replace("..", ".").split("."):
        if segment.startswith("["):
            value = _item(value, segment[1:-1])
        elif segment:
            names = [member.name for member in members]
            if segment not in names or not isinstance(value, tuple):
                return None
            members, value = members[names.index(segment)].members, value[names.index(segment)]
    return value


def _item(value: Any, index: str) -> Any:
    """One item of an array, or a slice of it or of bytes; a number is its 32 bytes."""
    if isinstance(value, int):
        value = (value % (1 << 256)).to_bytes(32, "big")
    try:
        first, colon, last = index.partition(":")
        if not index or index == ":":
            return value
        if colon:
            part = value[int(first) if first else None : int(last) if last else None]
            return "0x" + part.hex() if isinstance(part, bytes) and len(part) == 20 else part
        return value[int(first)]
    except (IndexError, ValueError, TypeError):
        return None


def _plain(value: Any, parameter: Parameter | None = None) -> str:
    if isinstance(value, bytes):
        text = ascii(value.decode()) if parameter is not None and parameter.type == "string" and _is_text(value) else ""
        text = text or "0x" + value.hex()
    elif isinstance(value, tuple):
        text = f"[{', '.join(_plain(item) for item in value[:8])}{', ..' if len(value) > 8 else ''}]"
    elif value is None:
        text = "(nothing)"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}.."


def _is_text(value: bytes) -> bool:
    try:
        return value.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False
