"""allowances: how what others may take is read, from the token or from the contract that keeps it (Permit2)."""

from __future__ import annotations

from collections.abc import Mapping

from .probes import Answers, Probe, allowance, kept_allowance


def allowance_probe(key: str, account: str) -> Probe:
    """What reads the allowance of ``account`` with this ``allowance_key``."""
    token, spender, *keeper = key.split(":")
    return kept_allowance(keeper[0], account, token, spender) if keeper else allowance(token, account, spender)


def standing(asked: Mapping[str, Probe], answers: Answers, at: int) -> dict[str, int]:
    """What stands open at ``at`` (Unix seconds), by ``allowance_key``; what has no answer is left out.

    An allowance inside Permit2 whose time is over is zero: whoever prolongs it opens it anew.
    """
    found = answers.numbers(asked)
    for key, probe in asked.items():
        kept = answers.words(probe, 3) if key.count(":") > 1 else None
        if kept is not None and kept[1] < at:
            found[key] = 0
    return found
