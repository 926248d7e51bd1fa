"""AutomationRefused: an automation of treasurer.toml cannot be run as it is written; nothing is started."""

from __future__ import annotations

from ...wallets.errors import TreasurerError


class AutomationRefused(TreasurerError):
    """Its time, its bound or its goal cannot be used."""

    exit_status = 2

    def __init__(self, automation: str, why: str) -> None:
        super().__init__(f"automation {automation}: {why}", next_command="edit treasurer.toml, then treasurer up")
