"""The command line: one module a group of commands; each only reads its words, asks the guard, and prints.

Heavy imports stay inside the commands, so that ``treasurer --help`` answers at once.
"""

from .root import app, main

__all__ = ["app", "main"]
