"""InForce: the policy and the owners that the guard obeys now. change.py alone replaces them."""

from __future__ import annotations

from dataclasses import dataclass

from ..bot.orders import SignedPolicy
from ..bot.owners import Owners


@dataclass
class InForce:
    """One value for all parts of the guard, so that none goes on with an older policy."""

    policy: SignedPolicy
    owners: Owners
