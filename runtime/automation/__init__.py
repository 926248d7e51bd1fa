"""Automations: what time or the chain fires. Schedules and triggers are plain values; only the runner has a clock.

May import agent, tools, inference and runtime's ground. Scenarios fire the same values from chain time.
"""

from .firing import Firing
from .health import HealthTrigger
from .runner import Automations, open_automations
from .schedules import Schedules

__all__ = ["Automations", "Firing", "HealthTrigger", "Schedules", "open_automations"]
