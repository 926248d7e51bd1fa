"""testing: what users' own tests import: the ``devnet`` fixture, bots and agents on it, an engine that is scripted.

May import everything below; only tests import it. The fixtures need pytest, everything else does not.
"""

from typing import Any

from .agents import AgentOnDevnet, TestedDevnet
from .bots import ALICE, USDC, make_bot
from .engine import ScriptedEngine

__all__ = ["ALICE", "USDC", "AgentOnDevnet", "ScriptedEngine", "TestedDevnet", "chain", "devnet", "make_bot"]


def __getattr__(name: str) -> Any:
    """The fixtures load when a test imports them (PEP 562): whoever imports the rest needs no pytest."""
    if name not in ("chain", "devnet"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import fixtures

    return getattr(fixtures, name)
