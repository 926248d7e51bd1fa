"""runner: a scenario (YAML) played on a devnet by a real bot: guard, signer and agent, and what came of each step.

May import everything below scenarios, and scenarios.devnet.
"""

from .document import Scenario, read_scenario
from .library import find_scenario, list_scenarios
from .play import Options, play
from .report import ScenarioReport, StepReport

__all__ = [
    "Options",
    "Scenario",
    "ScenarioReport",
    "StepReport",
    "find_scenario",
    "list_scenarios",
    "play",
    "read_scenario",
]
