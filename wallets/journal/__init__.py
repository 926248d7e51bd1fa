"""The transaction journal: the state table of an Intent, and the rows that hold it in the guard's database.

May import the rest of wallets only; who judges and who writes the log is injected by runtime.
"""

from .journal import Attempt, IntentRow, Journal, StoredProposal
from .states import ENDED, IN_FLIGHT, SETTLED, SUCCEEDED, TRANSITIONS, UNSIGNED, State

__all__ = [
    "ENDED",
    "IN_FLIGHT",
    "SETTLED",
    "SUCCEEDED",
    "TRANSITIONS",
    "UNSIGNED",
    "Attempt",
    "IntentRow",
    "Journal",
    "State",
    "StoredProposal",
]
