"""The agent process: the graph over a bot's folder, its runs, checkpoints and model; no key, no write to log or ledger.

May import agent, tools, inference and runtime's ground; reaches the guard by its socket alone.
"""

from .agent import Agent, RunResult

__all__ = ["Agent", "RunResult"]
