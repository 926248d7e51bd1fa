"""The supervisor behind `treasurer up`: three processes started, restarted when they die, stopped cleanly.

May import runtime's ground; it holds no key and reads no database, and asks the agent only what to show.
"""

from .supervisor import Supervisor

__all__ = ["Supervisor"]
