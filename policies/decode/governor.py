"""Votes in a governor contract (OpenZeppelin Governor, IGovernor)."""

from __future__ import annotations

from typing import Any

from ..effect import Kind
from .draft import Draft, Frame
from .function import Function


def _vote(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    proposal, support = arguments[:2]
    draft.add(Kind.VOTE, frame, support=support, note=f"proposal {proposal}, support {support}")


GOVERNOR = (
    Function("castVote(uint256,uint8)", _vote),
    Function("castVoteWithReason(uint256,uint8,string)", _vote),
)
