"""The devnet as a program uses it: a node started from the cached world, its clock at now, its prices fresh."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

from ...wallets.values import DEVNET_CHAIN_ID
from .anvil import Anvil, check_free
from .deploy import world_folder
from .deploy.build import REGISTRY, STATE
from .packages import Progress, anvil_path, packages_folder, silent
from .rpc import Rpc
from .world import World

MNEMONIC = "test test test test test test test test test test test junk"
"""anvil's own, published everywhere: whoever uses its keys away from a devnet loses the money."""

ACCOUNTS = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
    "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
    "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
    "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
    "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
    "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
)
"""The addresses of MNEMONIC, 10,000 ETH each."""


@dataclass(frozen=True)
class Devnet:
    """A running devnet. Use it as a context manager (`with` or `async with`), or call `stop`.

    rpc: its URL. registry: the path of its registry file. world: verbs that change the world around a treasury.
    """

    anvil: Anvil
    registry: Path
    world: World
    folder: Path | None

    @property
    def rpc(self) -> str:
        return self.anvil.url

    @property
    def chain_id(self) -> int:
        return DEVNET_CHAIN_ID

    @property
    def accounts(self) -> tuple[str, ...]:
        return ACCOUNTS

    def addresses(self) -> dict[str, Any]:
        """The registry file, parsed."""
        found: dict[str, Any] = json.loads(self.registry.read_text(encoding="utf-8"))
        return found

    @classmethod
    def start(
        cls,
        port: int = 0,
        *,
        now_seconds: int | None = None,
        log: Path | None = None,
        outlive: bool = False,
        progress: Progress = silent,
    ) -> Self:
        """Start a node from the cached world (built on first use) and bring its clock and prices up to date.

        port 0 takes a free one. now_seconds: the chain's time to start at, the machine's by default; never before
        the world's own. log: where anvil's lines go, by default a folder that `stop` removes.
        outlive: whether the node goes on when this process ends without `stop`.
        Raises NodeMissing, InstallFailed, PortTaken, StartFailed.
        """
        check_free(port)
        packages, world_at = packages_folder(progress), world_folder(progress)
        folder = None
        if log is None:
            folder = Path(mkdtemp(prefix="treasurer-devnet-"))
            log = folder / "anvil.log"
        try:
            anvil = Anvil.start(anvil_path(packages), log=log, port=port, state=world_at / STATE, outlive=outlive)
            try:
                world = World(Rpc(anvil.url), json.loads((world_at / REGISTRY).read_text(encoding="utf-8")))
                world.wake(int(time.time()) if now_seconds is None else now_seconds)
            except BaseException:
                anvil.stop()
                raise
        except BaseException:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(anvil, world_at / REGISTRY, world, folder)

    @classmethod
    async def start_async(cls, port: int = 0) -> Self:
        """`start`, off the event loop."""
        return await asyncio.to_thread(cls.start, port)

    def stop(self) -> None:
        """End the node; what happened on it is gone."""
        self.world.rpc.close()
        self.anvil.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)
