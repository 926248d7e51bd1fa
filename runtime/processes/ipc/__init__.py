"""Messages between the processes: length-prefixed JSON over Unix sockets, typed by pydantic models, sizes bounded.

May import wallets and policies for the values that messages carry.
"""

from .client import Connection, connect
from .errors import IpcError, NotRunning, RemoteError, Unsendable
from .server import Handler, serve

__all__ = ["Connection", "Handler", "IpcError", "NotRunning", "RemoteError", "Unsendable", "connect", "serve"]
