"""Paths of swaps: packed bytes for Uniswap v3 (token, fee, token, ..), address lists for v2."""

from __future__ import annotations

from ..draft.draft import Draft, Frame

ADDRESS_BYTES = 20
HOP_BYTES = 23
"""Three bytes of fee and the next token."""


def packed_path(path: bytes) -> tuple[str, ...] | None:
    """Tokens of a packed v3 path in its own order; None where its length fits no path (v3-periphery, Path.sol)."""
    if len(path) < ADDRESS_BYTES + HOP_BYTES or (len(path) - ADDRESS_BYTES) % HOP_BYTES:
        return None
    return tuple("0x" + path[start : start + ADDRESS_BYTES].hex() for start in range(0, len(path), HOP_BYTES))


def read_path(draft: Draft, frame: Frame, path: bytes) -> tuple[str, ...] | None:
    """Tokens of a packed v3 path in its own order; unknown, and None, where its length fits no path."""
    tokens = packed_path(path)
    if tokens is None:
        draft.unknown(f"what a path of {len(path)} bytes means", frame)
    return tokens


def refuse_unknown_hops(draft: Draft, frame: Frame, tokens: tuple[str, ...]) -> None:
    """The tokens between the first and the last must be in the registry."""
    for token in dict.fromkeys(tokens[1:-1]):
        if draft.token(token) is None:
            draft.unknown(f"the token {token} inside the path is not in the book", frame, asset=token)
