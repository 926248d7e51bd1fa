"""wallets: the vocabulary of all above (addresses, calls, transactions, digests), keys, signers, chains, journal.

The ground floor: may import nothing else of treasurer. Its names load when they are first used (PEP 562), because the
command line needs the errors alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .call import Authorization as Authorization
    from .call import Call as Call
    from .call import Operation as Operation
    from .clearance import Clearance as Clearance
    from .digest import Approvable as Approvable
    from .errors import TreasurerError as TreasurerError
    from .errors import WalletError as WalletError
    from .keys import PrivateKey as PrivateKey
    from .transaction import Transaction as Transaction
    from .typed_data import TypedData as TypedData

# Public name -> the module where it lives. A new name goes here, above for type checkers, and nowhere else.
_HOMES = {
    "Approvable": ".digest",
    "Authorization": ".call",
    "Call": ".call",
    "Clearance": ".clearance",
    "Operation": ".call",
    "PrivateKey": ".keys",
    "Transaction": ".transaction",
    "TreasurerError": ".errors",
    "TypedData": ".typed_data",
    "WalletError": ".errors",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one table, no second list to forget


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
