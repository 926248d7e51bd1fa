"""One devnet for the whole session, and the world as it was for each test."""

from treasurer.scenarios.testing.fixtures import chain, devnet

__all__ = ["chain", "devnet"]
