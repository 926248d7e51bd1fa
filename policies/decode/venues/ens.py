"""ENS (ens-contracts): who holds a name, where it points, and what keeping it costs.

Whoever sets a name's owner, resolver or address decides where payments to it go: an ownership_change. Sources:
ENSRegistry.sol; PublicResolver.sol (AddrResolver, TextResolver, ..); BaseRegistrarImplementation.sol, whose tokens are
ERC-721; ETHRegistrarController.sol; ReverseRegistrar.sol; NameWrapper.sol, whose tokens are ERC-1155.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....wallets.call import Call
from ....wallets.values import NATIVE
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function

Decoder = Callable[[Draft, Frame, tuple[Any, ...]], None]


def _gives(position: int | None) -> Decoder:
    """The name, or where it points, becomes that of the address at ``position``."""

    def decode(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        whom = None if position is None else arguments[position]
        draft.add(Kind.OWNERSHIP_CHANGE, frame, counterparty=whom, note="of an ENS name")

    return decode


def _plain(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    """A record that no payment follows, or a step that moves nothing: a plain call."""


def _delegate(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """PublicResolver.sol: the delegate may set every record of the name."""
    _, delegate, approved = arguments
    if approved:
        draft.add(Kind.OPERATOR_APPROVAL, frame, asset=frame.target, counterparty=delegate, note="of an ENS name")
    else:
        draft.add(Kind.CALL, frame, counterparty=delegate, note="delegate of an ENS name removed")


def _multicall(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Multicallable.sol: the resolver calls itself by delegatecall, so that the sender stays."""
    if frame.value:
        draft.stray_value(frame, "multicall(bytes[])")
    calls = [Call(to=frame.target, data=data) for data in arguments[-1]]
    draft.descend(frame, calls, sender=frame.sender)


def _paid(note: str, owner: int | None = None) -> Decoder:
    """At most the value of the call is kept; what the price does not need comes back."""

    def decode(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        name = arguments[0].decode("utf-8", "replace")
        words = f"{note} {ascii(name)[1:-1]}"[:120]
        index = draft.transfer(frame, NATIVE, frame.value, frame.target, exact=False, note=words)
        if owner is not None and arguments[owner] != draft.account:
            fields = {"counterparty": arguments[owner], "note": "a name is registered for somebody else"}
            draft.add(Kind.OWNERSHIP_CHANGE, frame, beside=index, **fields)

    return decode


ENS_REGISTRY = (
    Function("setOwner(bytes32,address)", _gives(1)),
    Function("setResolver(bytes32,address)", _gives(1)),
    Function("setSubnodeOwner(bytes32,bytes32,address)", _gives(2)),
    Function("setRecord(bytes32,address,address,uint64)", _gives(1)),
    Function("setSubnodeRecord(bytes32,bytes32,address,address,uint64)", _gives(2)),
    Function("setTTL(bytes32,uint64)", _plain),
)
ENS_RESOLVER = (
    Function("setAddr(bytes32,address)", _gives(1)),
    Function("setAddr(bytes32,uint256,bytes)", _gives(None)),
    Function("clearRecords(bytes32)", _gives(None)),
    Function("setText(bytes32,string,string)", _plain),
    Function("setContenthash(bytes32,bytes)", _plain),
    Function("setName(bytes32,string)", _plain),
    Function("setABI(bytes32,uint256,bytes)", _plain),
    Function("setPubkey(bytes32,bytes32,bytes32)", _plain),
    Function("approve(bytes32,address,bool)", _delegate),
    Function("multicall(bytes[])", _multicall),
    Function("multicallWithNodeCheck(bytes32,bytes[])", _multicall),
)
ENS_REGISTRAR = (Function("reclaim(uint256,address)", _gives(1)),)
"""Beside those of ERC-721, where the book has the registrar among its tokens."""
ENS_CONTROLLER = (
    Function("commit(bytes32)", _plain),
    Function("register(string,address,uint256,bytes32)", _paid("registers", 1), payable=True),
    Function("registerWithConfig(string,address,uint256,bytes32,address,address)", _paid("registers", 1), payable=True),
    Function(
        "register(string,address,uint256,bytes32,address,bytes[],bool,uint16)", _paid("registers", 1), payable=True
    ),
    Function("renew(string,uint256)", _paid("renews"), payable=True),
)
ENS_REVERSE_REGISTRAR = (
    Function("setName(string)", _plain),
    Function("claim(address)", _gives(0)),
    Function("claimWithResolver(address,address)", _gives(0)),
    Function("claimForAddr(address,address,address)", _gives(1)),
    Function("setNameForAddr(address,address,address,string)", _gives(1)),
)
ENS_NAME_WRAPPER = (
    Function("wrap(bytes,address,address)", _gives(1)),
    Function("wrapETH2LD(string,address,uint16,address)", _gives(1)),
    Function("unwrap(bytes32,bytes32,address)", _gives(2)),
    Function("unwrapETH2LD(bytes32,address,address)", _gives(1)),
    Function("setSubnodeOwner(bytes32,string,address,uint32,uint64)", _gives(2)),
    Function("setSubnodeRecord(bytes32,string,address,address,uint64,uint32,uint64)", _gives(2)),
    Function("setRecord(bytes32,address,address,uint64)", _gives(1)),
    Function("setResolver(bytes32,address)", _gives(1)),
    Function("setFuses(bytes32,uint16)", _gives(None)),
    Function("setChildFuses(bytes32,bytes32,uint32,uint64)", _gives(None)),
    Function("extendExpiry(bytes32,bytes32,uint64)", _plain),
    Function("setTTL(bytes32,uint64)", _plain),
)
"""Beside those of ERC-1155, where the book has the wrapper among its tokens."""
