"""policies: from the bytes to be signed to a verdict: decode, simulate, judge, count.

May import wallets' vocabulary, nothing above. Everything here but observing the chain is a function of its inputs.
"""

from .book.book import Book
from .effect import Effect, Kind
from .errors import PolicyError
from .facts import Facts
from .judgement.judge import judge
from .language.bundle import PolicyBundle
from .language.policy import Policy
from .proposal import Claim, Proposal, Provenance
from .verdict import Reason, Verdict

__all__ = [
    "Book",
    "Claim",
    "Effect",
    "Facts",
    "Kind",
    "Policy",
    "PolicyBundle",
    "PolicyError",
    "Proposal",
    "Provenance",
    "Reason",
    "Verdict",
    "judge",
]
