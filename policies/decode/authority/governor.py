"""Governor contracts (OpenZeppelin Governor 4 and 5, IGovernor.sol; Compound GovernorBravo): votes are ours; proposing,
queueing and cancelling move nothing; what an execution does is made by the governor or its timelock.
"""

from __future__ import annotations

from typing import Any

from ....wallets.call import Call
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function


def _vote(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    proposal, support = arguments[:2]
    draft.add(Kind.VOTE, frame, support=support, note=f"proposal {proposal}, support {support}")


def _vote_by_signature(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Governor 5 names the voter; before it the signature alone did, and at its worst that is ours."""
    voter = arguments[2] if isinstance(arguments[2], str) else draft.account
    if voter == draft.account:
        _vote(draft, frame, arguments)
    else:
        draft.add(Kind.CALL, frame, note=f"hands in the vote of {voter}")


def _plain(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    """Moves nothing: a plain call."""


def _execute(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """The calls that were voted on, by the governor as their sender."""
    draft.keep_value(frame)
    targets, values, datas, _ = arguments
    if not len(targets) == len(values) == len(datas):
        draft.unknown(f"what {frame.target} does with lists of different lengths", frame)
        return
    calls = [Call(to=to, value=value, data=data) for to, value, data in zip(targets, values, datas, strict=True)]
    draft.descend(frame, calls, sender=frame.target)


def _execute_numbered(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.keep_value(frame)
    draft.unknown(f"what proposal {arguments[0]} does: the calldata has its number alone", frame)


_LISTS = "address[],uint256[],bytes[]"
_SIGNED = "uint8,bytes32,bytes32"
GOVERNOR = (
    Function("castVote(uint256,uint8)", _vote),
    Function("castVoteWithReason(uint256,uint8,string)", _vote),
    Function("castVoteWithReasonAndParams(uint256,uint8,string,bytes)", _vote),
    Function(f"castVoteBySig(uint256,uint8,{_SIGNED})", _vote_by_signature),
    Function("castVoteBySig(uint256,uint8,address,bytes)", _vote_by_signature),
    Function(
        f"castVoteWithReasonAndParamsBySig(uint256,uint8,string,bytes,{_SIGNED})",
        _vote_by_signature,
    ),
    Function("castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)", _vote_by_signature),
    Function(f"propose({_LISTS},string)", _plain),
    Function("propose(address[],uint256[],string[],bytes[],string)", _plain),
    Function(f"queue({_LISTS},bytes32)", _plain),
    Function("queue(uint256)", _plain),
    Function(f"cancel({_LISTS},bytes32)", _plain),
    Function("cancel(uint256)", _plain),
    Function(f"execute({_LISTS},bytes32)", _execute, payable=True),
    Function("execute(uint256)", _execute_numbered, payable=True),
)
