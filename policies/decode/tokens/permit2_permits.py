"""Signatures for Permit2 (permit2, src/libraries/PermitHash.sol): allowances, transfers, and transfers with a witness.

A witness is a struct of the spender's own that is signed along: it binds the spender to more, and permits nothing more.
"""

from __future__ import annotations

from typing import Any

from ...effect import Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct, require_kind
from .permit2 import Grant, allow

DETAILS = "PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)"
PERMISSIONS = "TokenPermissions(address token,uint256 amount)"
WITNESS_HEADS = {
    "PermitWitnessTransferFrom": "TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline",
    "PermitBatchWitnessTransferFrom": "TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline",
}
"""The members before the witness, by struct; the witness is the one member after them, of any name and type."""
LONGEST_NOTE = 400


def _permit2(draft: Draft, signed: Signed, granted: tuple[Grant, ...]) -> None:
    before = len(draft.effects)
    for grant in granted:
        allow(draft, None, Kind.PERMIT, grant, signed.contract)
    require_kind(draft, signed.contract, before if granted else None, "permit2")
    if not granted:
        draft.unknown("what an empty batch of permits is for", target=signed.contract)


def _allowances(draft: Draft, signed: Signed) -> None:
    """The allowance lives until its expiration, whatever the signature's deadline."""
    details, spender, deadline = (signed.message[name] for name in ("details", "spender", "sigDeadline"))
    each = details if isinstance(details, tuple) else (details,)
    _permit2(
        draft,
        signed,
        tuple(Grant(one["token"], one["amount"], spender, max(deadline, one["expiration"])) for one in each),
    )


def _transfers(draft: Draft, signed: Signed) -> None:
    permitted, spender, deadline = (signed.message[name] for name in ("permitted", "spender", "deadline"))
    each = permitted if isinstance(permitted, tuple) else (permitted,)
    _permit2(draft, signed, tuple(Grant(one["token"], one["amount"], spender, deadline) for one in each))


def witnessed(draft: Draft, signed: Signed) -> None:
    """A transfer with a witness: the permit counts, and its note shows the witness."""
    before = len(draft.effects)
    _transfers(draft, signed)
    name, witness = list(signed.message.items())[4]
    for fields in draft.effects[before:]:
        if fields["kind"] is Kind.PERMIT:
            fields["note"] = f"{fields['note']}, {name}: {_shown(witness)}"[:LONGEST_NOTE]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_shown(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


PERMIT2_PERMITS = (
    SignedStruct(f"PermitSingle(PermitDetails details,address spender,uint256 sigDeadline){DETAILS}", _allowances),
    SignedStruct(f"PermitBatch(PermitDetails[] details,address spender,uint256 sigDeadline){DETAILS}", _allowances),
    SignedStruct(
        f"PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline){PERMISSIONS}",
        _transfers,
    ),
    SignedStruct(
        "PermitBatchTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline)"
        f"{PERMISSIONS}",
        _transfers,
    ),
)
