"""Safe's MultiSend, delegate-called by our own Safe: a list of calls that the Safe makes itself (safe-contracts 1.4.1).

Its argument packs each call without padding: operation (1 byte), target (20), value (32), length (32), data.
"""

from __future__ import annotations

from ....wallets.call import Call, Operation, selector
from ...book.contract_kinds import MULTISENDS, SAFE
from ..draft.abi import NotCanonical, decode
from ..draft.book_view import BookView

SIGNATURE = "multiSend(bytes)"
HEAD_BYTES = 1 + 20 + 32 + 32


def unwrapped_multisend(call: Call, account: str, chain_id: int, book: BookView) -> tuple[Call, ...] | None:
    """The calls inside ``call``; None where it is not our Safe that runs a MultiSend whose code hash the book pins.

    That the code at its address has the pinned hash is for the judge to see. Raises NotCanonical for broken packing.
    """
    safe = book.venue(account, chain_id)
    library = book.venue(call.to, chain_id) if call.to is not None else None
    if safe is None or safe.kind != SAFE or library is None or library.kind not in MULTISENDS:
        return None
    if library.code_hash is None or call.value or call.data[:4] != selector(SIGNATURE):
        return None
    (packed,) = decode(SIGNATURE, call.data[4:])
    return unpack(packed)


def unpack(packed: bytes) -> tuple[Call, ...]:
    """The calls that ``packed`` holds, with no byte between or after them. Raises NotCanonical."""
    calls = []
    position = 0
    while position < len(packed):
        head = packed[position : position + HEAD_BYTES]
        length = int.from_bytes(head[53:], "big")
        start = position + HEAD_BYTES
        if len(head) < HEAD_BYTES or start + length > len(packed) or head[0] not in tuple(Operation):
            raise NotCanonical("a packed call is cut short or has an operation that nobody knows")
        if not any(head[1:21]):
            raise NotCanonical("a packed call goes to no address, which 1.5 takes for the Safe itself and 1.4 does not")
        calls.append(
            Call(
                to="0x" + head[1:21].hex(),
                value=int.from_bytes(head[21:53], "big"),
                data=packed[start : start + length],
                operation=Operation(head[0]),
            )
        )
        position = start + length
    return tuple(calls)
