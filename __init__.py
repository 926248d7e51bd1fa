"""treasurer: an autonomous, crypto-native agent framework that judges the bytes to be signed, not the words of a model.

The public names of the Python API live in the packages and load when they are first used (PEP 562), so that
``import treasurer`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .policies.proposal import Claim as Claim
    from .policies.proposal import Proposal as Proposal
    from .runtime.agent import Agent as Agent
    from .tools import Amount as Amount
    from .tools import Context as Context
    from .tools import Payee as Payee
    from .tools import tool as tool
    from .wallets.call import Call as Call

# Public name -> the module where it lives. A new name goes here, above for type checkers, and nowhere else.
_HOMES = {
    "Agent": ".runtime.agent",
    "Amount": ".tools",
    "Call": ".wallets.call",
    "Claim": ".policies.proposal",
    "Context": ".tools",
    "Payee": ".tools",
    "Proposal": ".policies.proposal",
    "tool": ".tools",
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
