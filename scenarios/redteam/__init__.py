"""redteam: the attack library (scenarios/attacks, data alone) and a treasury's daily work, before a real guard.

May import everything below scenarios, scenarios.devnet and scenarios.runner.
"""

from .library import attack_files, benign_files
from .play import play_red_team
from .report import RedTeamReport

__all__ = ["RedTeamReport", "attack_files", "benign_files", "play_red_team"]
