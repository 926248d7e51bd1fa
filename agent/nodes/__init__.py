"""The nodes of the graph, one stage a file: perceive, read, build, submit, wait, observe, answer.

Each is an async function of the RunState over the Ports; may import what agent may.
"""

from .answer import answer
from .build import build
from .observe import observe
from .perceive import perceive
from .read import read
from .submit import submit
from .wait import pause, wait

__all__ = ["answer", "build", "observe", "pause", "perceive", "read", "submit", "wait"]
