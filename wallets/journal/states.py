"""The states of an Intent, and the one table of transitions between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an Intent stands between proposal and finality."""

    RESERVED = "reserved"
    """Judged allow or escalate; its budget is taken, nobody has approved yet where people must."""
    APPROVED = "approved"
    """Nothing but execution is left: people approved, or nobody had to."""
    CLEARED = "cleared"
    """Nonce taken and clearance issued in one transaction; from here a signature may exist."""
    SIGNED = "signed"
    """The signed bytes are stored; nothing was sent."""
    BROADCAST = "broadcast"
    """A node took the signed bytes, or may have."""
    INCLUDED = "included"
    """In a block, with its receipt read."""
    CONFIRMED = "confirmed"
    """Included and succeeded, and the block is as deep as the chain's rule for showing it asks."""
    FINALIZED = "finalized"
    """Final by the chain's own tag; the budget is settled."""
    FAILED = "failed"
    """Included, and reverted."""
    REFUSED = "refused"
    """Denied at clearing, refused by people or by the signer; nothing was signed."""
    EXPIRED = "expired"
    """Its time ran out before anything was signed."""
    DROPPED = "dropped"
    """Not sent, because an earlier call of its sequence did not succeed."""
    WITHDRAWN = "withdrawn"
    """Taken back before signing, or judged while the bot only observes."""
    REVERTED = "reverted"
    """Included and reverted, in a block that is final: nothing moved but gas, and nothing will."""
    REPLACED = "replaced"
    """Another transaction holds its nonce in a final block: it can never be included."""
    REORGED = "reorged"
    """Its block left the chain; it is on its way again with the same bytes."""


TRANSITIONS: dict[State, frozenset[State]] = {
    State.RESERVED: frozenset({State.APPROVED, State.REFUSED, State.EXPIRED, State.DROPPED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.CLEARED, State.REFUSED, State.EXPIRED, State.DROPPED, State.WITHDRAWN}),
    # Back to approved only when the signer never signed and its clearance can no longer be used.
    State.CLEARED: frozenset({State.SIGNED, State.APPROVED, State.REFUSED}),
    State.SIGNED: frozenset({State.BROADCAST, State.REPLACED}),
    State.BROADCAST: frozenset({State.INCLUDED, State.REPLACED}),
    State.INCLUDED: frozenset({State.CONFIRMED, State.FAILED, State.REORGED}),
    State.CONFIRMED: frozenset({State.FINALIZED, State.REORGED}),
    State.FAILED: frozenset({State.REORGED, State.REVERTED}),
    State.REORGED: frozenset({State.BROADCAST, State.REPLACED}),
    State.FINALIZED: frozenset(),
    State.REVERTED: frozenset(),
    State.REPLACED: frozenset(),
    State.REFUSED: frozenset(),
    State.EXPIRED: frozenset(),
    State.DROPPED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

UNSIGNED = frozenset({State.RESERVED, State.APPROVED})
"""Nothing was ever cleared: budget may be released at once."""
IN_FLIGHT = frozenset({State.APPROVED, State.CLEARED, State.SIGNED, State.BROADCAST, State.INCLUDED, State.REORGED})
"""The guard has work to do on these without being asked."""
SUCCEEDED = frozenset({State.CONFIRMED, State.FINALIZED})
"""Its effect is on the chain."""
SETTLED = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""Nothing more can happen to it."""
ENDED = SETTLED | {State.CONFIRMED, State.FAILED}
"""Whoever waits for the intent has the answer."""
