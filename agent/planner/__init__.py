"""planner: a request in plain language read into typed calls, or asked back; and answers whose facts code writes.

Pure but for the model behind inference's protocol. May import tools, policies' vocabulary, and inference's protocol.
"""

from ...tools.fact import Fact
from .answer import plain_answer, write_answer
from .limits import Limits
from .planner import read
from .reading import Answer, Ask, Command, ContextTurn, Grounding, Reading, Refuse, Request, Understood

__all__ = [
    "Answer",
    "Ask",
    "Command",
    "ContextTurn",
    "Fact",
    "Grounding",
    "Limits",
    "Reading",
    "Refuse",
    "Request",
    "Understood",
    "plain_answer",
    "read",
    "write_answer",
]
