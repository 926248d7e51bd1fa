"""Why a node refuses a transaction, as types that the journal acts on.

RpcRefused                    (wallets.errors)
├── NonceTooLow               another transaction of this account holds the nonce: reconcile by hash first
├── Underpriced               the node wants a higher fee: replace with a fee bump
└── InsufficientFunds         value plus worst-case gas exceed the account's balance

Nodes agree on the words, not on the codes (geth's core/error.go and txpool/errors.go; reth, erigon and anvil quote
them).
"""

from __future__ import annotations

from ..errors import RpcRefused


class NonceTooLow(RpcRefused):
    """A transaction with this nonce is already included."""


class Underpriced(RpcRefused):
    """The fee is below what the node takes, or below the bump that a replacement needs."""


class InsufficientFunds(RpcRefused):
    """The balance does not cover value and gas at the maximum fee."""


_ALREADY_KNOWN = (
    "already known",
    "already imported",
    "known transaction",
    "alreadyknown",
    "transaction already in pool",
)
_WORDS: tuple[tuple[type[RpcRefused], tuple[str, ...]], ...] = (
    (NonceTooLow, ("nonce too low", "nonce is too low", "oldnonce")),
    (Underpriced, ("underpriced", "fee cap less than", "less than block base fee", "fee too low", "feetoolow")),
    (InsufficientFunds, ("insufficient funds", "insufficient balance", "insufficient maxfee")),
)


def already_known(error: RpcRefused) -> bool:
    """Whether the node says that it holds these very bytes: that is success."""
    said = str(error).lower()
    return any(words in said for words in _ALREADY_KNOWN)


def typed(error: RpcRefused) -> RpcRefused:
    """The same refusal as the type that its words name; unchanged where they name none."""
    said = str(error).lower()
    for kind, phrases in _WORDS:
        if any(phrase in said for phrase in phrases):
            return kind(str(error), code=error.code, data=error.data)
    return error
