"""read_bundle: the policy and the book that a bot's configuration names; read_shadow: those beside them."""

from __future__ import annotations

from ...policies.language.bundle import PolicyBundle
from .configuration import Configuration
from .folder import BotFolder


def read_bundle(folder: BotFolder, configuration: Configuration) -> PolicyBundle:
    """Policy and book as they lie in the bot's folder. Raises PolicyError with every fault."""
    return PolicyBundle.read(folder.root / configuration.policy.file, folder.root / configuration.policy.book)


def read_shadow(folder: BotFolder, configuration: Configuration) -> PolicyBundle | None:
    """The policy that is judged beside the one in force, with its book or the live one; None where none is named."""
    policy = configuration.policy
    if policy.shadow is None:
        return None
    return PolicyBundle.read(folder.root / policy.shadow, folder.root / (policy.shadow_book or policy.book))
