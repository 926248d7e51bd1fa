"""agent: the LangGraph graph of a Run: its state, nodes, planner, events, and the ports it reaches the world by.

May import tools, policies, wallets and inference; knows the guard only by a protocol. Holds no key, signs nothing.
"""

from .events import Ended, Event, Included, Judged, Proposed, TextDelta, Waiting, read_event
from .ports import Contexts, Guard, Ports
from .state import RunState, begin

__all__ = [
    "Contexts",
    "Ended",
    "Event",
    "Guard",
    "Included",
    "Judged",
    "Ports",
    "Proposed",
    "RunState",
    "TextDelta",
    "Waiting",
    "begin",
    "read_event",
]
