"""inference: a local open-weight model as the planner sees it: sessions, choices among texts, streamed text, replay.

Holds the llama.cpp engine, choice decoding, the prefix cache, the model catalog and its sources.
May import wallets' vocabulary and nothing else of treasurer; llama_cpp is imported only when a model is loaded.
"""

from typing import TYPE_CHECKING, Any

from .errors import InferenceError
from .protocol import Choice, Decision, Engine, ModelIdentity, Priority, Role, Sample, Session, Turn

if TYPE_CHECKING:
    from .llama import LlamaEngine, open_engine

__all__ = [
    "Choice",
    "Decision",
    "Engine",
    "InferenceError",
    "LlamaEngine",
    "ModelIdentity",
    "Priority",
    "Role",
    "Sample",
    "Session",
    "Turn",
    "open_engine",
]


def __getattr__(name: str) -> Any:
    """Load the engine when it is asked for (PEP 562): it brings numpy along."""
    if name not in {"LlamaEngine", "open_engine"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import llama

    return getattr(llama, name)
