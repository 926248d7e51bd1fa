"""read_bundle: the policy and the book that a bot's configuration names."""

from __future__ import annotations

from ...policies.language.bundle import PolicyBundle
from .configuration import Configuration
from .folder import BotFolder


def read_bundle(folder: BotFolder, configuration: Configuration) -> PolicyBundle:
    """Policy and book as they lie in the bot's folder. Raises PolicyError with every fault."""
    return PolicyBundle.read(folder.root / configuration.policy.file, folder.root / configuration.policy.book)
