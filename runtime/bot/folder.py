"""BotFolder: where each file of a bot lies, and the folder its sockets lie in.

Sockets are kept out of the bot's folder because a Unix path ends at 108 bytes.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ...wallets.errors import TreasurerError

CONFIGURATION = "treasurer.toml"


class NoBot(TreasurerError):
    """No bot's folder was named, and none is above the working folder."""

    def __init__(self, message: str) -> None:
        super().__init__(message, next_command="treasurer init DIR")


@dataclass(frozen=True)
class BotFolder:
    """Paths of a bot; ``root`` is absolute."""

    root: Path

    @property
    def configuration(self) -> Path:
        return self.root / CONFIGURATION

    @property
    def policy_signature(self) -> Path:
        return self.root / "policy.sig"

    @property
    def owners_orders(self) -> Path:
        return self.root / "owners.sig"

    @property
    def agent(self) -> Path:
        return self.root / "agent"

    @property
    def guard(self) -> Path:
        return self.root / "guard"

    @property
    def signer(self) -> Path:
        return self.root / "signer"

    @property
    def checkpoints(self) -> Path:
        return self.agent / "agent.db"

    @property
    def guard_database(self) -> Path:
        return self.guard / "guard.db"

    @property
    def blocks(self) -> Path:
        return self.guard / "blocks"

    @property
    def clearance_key(self) -> Path:
        return self.guard / "clearance.key"

    @property
    def log_key(self) -> Path:
        return self.guard / "log.key"

    @property
    def guard_owners(self) -> Path:
        return self.guard / "owners.json"

    @property
    def stop_file(self) -> Path:
        return self.guard / "stop"

    @property
    def keystore(self) -> Path:
        return self.signer / "wallet.json"

    @property
    def signer_database(self) -> Path:
        return self.signer / "signer.db"

    @property
    def clearance_issuer(self) -> Path:
        return self.signer / "clearance.pub"

    @property
    def signer_owners(self) -> Path:
        return self.signer / "owners.json"

    @property
    def signer_policy(self) -> Path:
        return self.signer / "policy.json"

    @property
    def go_live(self) -> Path:
        return self.signer / "go-live.json"

    @property
    def sockets(self) -> Path:
        return runtime_folder() / hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @property
    def guard_socket(self) -> Path:
        return self.sockets / "guard.sock"

    @property
    def signer_socket(self) -> Path:
        return self.sockets / "signer.sock"

    @property
    def agent_socket(self) -> Path:
        return self.sockets / "agent.sock"


def runtime_folder() -> Path:
    """``$XDG_RUNTIME_DIR/treasurer``, else ``treasurer-UID`` in the system's temporary folder; mode 0700."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / "treasurer" if base else Path(tempfile.gettempdir()) / f"treasurer-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()  # a link of somebody else's would choose the folder for us
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise TreasurerError(f"{folder} is not this user's alone", next_command=f"chmod 700 '{folder}'")
    return folder


def find_bot(named: Path | None = None) -> BotFolder:
    """The bot of ``--bot``, else of ``TREASURER_BOT``, else the nearest ``treasurer.toml`` upwards. Raises NoBot."""
    if named is None and (from_environment := os.environ.get("TREASURER_BOT")):
        named = Path(from_environment)
    if named is not None:
        if not (named / CONFIGURATION).is_file():
            raise NoBot(f"{named} holds no {CONFIGURATION}: it is not a bot's folder")
        return BotFolder(named.resolve())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIGURATION).is_file():
            return BotFolder(folder)
    raise NoBot(f"no {CONFIGURATION} in {here} or above it: name the bot with --bot DIR or TREASURER_BOT")
