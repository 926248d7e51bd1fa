"""The console: how the events of a Run are said to a person, and the chat.

May import runtime's ground and the clients of guard and agent; what the guard says itself is what it shows as decided.
"""

from .rendering import told

__all__ = ["told"]
