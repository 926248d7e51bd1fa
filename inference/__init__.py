"""inference: a local open-weight model as the planner sees it: sessions, choices among texts, streamed text, replay.

Holds the llama.cpp engine, choice decoding, the prefix cache, the model catalog and its sources.
May import wallets' vocabulary and nothing else of treasurer; llama_cpp is imported only when a model is loaded.
"""

from .errors import InferenceError
from .protocol import Choice, Decision, Engine, ModelIdentity, Priority, Role, Sample, Session, Turn

__all__ = [
    "Choice",
    "Decision",
    "Engine",
    "InferenceError",
    "ModelIdentity",
    "Priority",
    "Role",
    "Sample",
    "Session",
    "Turn",
]
