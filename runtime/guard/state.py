"""GuardState: everything that one guard holds, opened once at its start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from ...policies.budget.ledger import Ledger
from ...policies.language.bundle import PolicyBundle
from ...policies.observation.reads.ages import CodeHistory
from ...wallets.chain import ChainClient
from ...wallets.cid import cid_link
from ...wallets.journal import Journal
from ...wallets.keys import PrivateKey
from ...wallets.values import DEVNET_CHAIN_ID
from ..audit import AuditLog, check_whole, did_pkh
from ..bot.configuration import Configuration, read_configuration
from ..bot.folder import BotFolder
from ..bot.secrets import endpoints
from ..signer.client import SignerClient
from .acquaintances import Acquaintances
from .approvals import Approvals
from .change import Orders, keep_blocks, read_orders, write_changes, write_first
from .clock import GuardClock
from .conduct import Conduct
from .database import Database
from .force import InForce
from .memory import Memory
from .portfolio import Portfolio
from .reservations import check_reservations
from .said import Said
from .shadow import Shadow

DEVNET_FINALITY_DEPTH = 1
"""A devnet has one miner, which is ours: a block on top is final enough."""


@dataclass(frozen=True)
class GuardState:
    """The parts of a guard. All of them belong to one event loop and one thread."""

    folder: BotFolder
    configuration: Configuration
    force: InForce
    chain: ChainClient
    clock: GuardClock
    database: Database
    journal: Journal
    ledger: Ledger
    log: AuditLog
    approvals: Approvals
    memory: Memory
    said: Said
    portfolio: Portfolio
    acquaintances: Acquaintances
    conduct: Conduct
    shadow: Shadow
    signer: SignerClient
    clearance_key: PrivateKey

    @property
    def bundle(self) -> PolicyBundle:
        """The policy and book in force."""
        return self.force.policy.bundle

    @property
    def owners(self) -> tuple[str, ...]:
        """The owners' addresses now."""
        return self.force.owners.owners

    @property
    def account(self) -> str:
        """The wallet's address."""
        return self.configuration.wallet.address

    @property
    def chain_id(self) -> int:
        """The one chain that this wallet acts on."""
        return self.configuration.chain.id

    @property
    def wrapped_native(self) -> frozenset[str]:
        """The contract that wraps the chain's coin, where the book lists one."""
        wrapped = self.bundle.book.wrapped_native(self.chain_id)
        return frozenset() if wrapped is None else frozenset({wrapped.address})

    @property
    def policy_link(self) -> bytes:
        """The policy bundle's CID as a link for records."""
        return cid_link(self.bundle.cid)

    @cached_property
    def engine(self) -> str:
        """What judges: named in every record's facts."""
        return f"treasurer {version('treasurer')}"

    @cached_property
    def history(self) -> CodeHistory:
        """What ran on the chain in the past, where a rule asks for it."""
        return CodeHistory(self.chain)

    @property
    def stopped(self) -> bool:
        """Whether the kill switch is on: the file alone puts it on, and losing the file does not put it off."""
        return self.folder.stop_file.exists() or bool(self.memory.recall("stop"))

    def now(self) -> datetime:
        """The guard's time."""
        return self.clock.now()

    def aware_of(self, timestamp: int) -> None:
        """A block was seen."""
        self.clock.hear(timestamp)


async def open_state(folder: BotFolder) -> GuardState:
    """Read configuration, policy and keys, open the database, connect to the chain. Raises TreasurerError, starting
    nothing.
    """
    configuration = read_configuration(folder.configuration)
    database = Database(folder.guard_database)
    try:
        memory = Memory(database.connection)
        with database.transaction():
            memory.create_tables()
        orders = read_orders(folder, configuration, memory)
        clearance_key = PrivateKey.read(folder.clearance_key)
        log_key = PrivateKey.read(folder.log_key)
    except BaseException:
        database.close()
        raise
    devnet = configuration.chain.id == DEVNET_CHAIN_ID
    chain = ChainClient(
        endpoints(configuration.chain.rpc, root=folder.root),
        configuration.chain.id,
        finality_depth=DEVNET_FINALITY_DEPTH if devnet else None,
    )
    try:
        await chain.open()
        clock = GuardClock(block_time=devnet)
        clock.hear((await chain.block()).timestamp)
        log = AuditLog(
            database.connection,
            key=log_key,
            bot=did_pkh(configuration.chain.id, log_key.address),
            clock=clock,
            blocks=_made(folder.blocks),
        )
        state = GuardState(
            folder=folder,
            configuration=configuration,
            force=InForce(orders.policy, orders.owners),
            chain=chain,
            clock=clock,
            database=database,
            journal=Journal(database.connection),
            ledger=Ledger(database.connection),
            log=log,
            approvals=Approvals(database.connection),
            memory=memory,
            said=Said(database.connection),
            portfolio=Portfolio(database.connection),
            acquaintances=Acquaintances(database.connection),
            conduct=Conduct(database.connection),
            shadow=Shadow(database, log, memory),
            signer=SignerClient(folder.signer_socket),
            clearance_key=clearance_key,
        )
        await _begin_log(state, orders, log_key.address)
        state.shadow.load(folder, configuration)
        check_reservations(state)
    except BaseException:
        await chain.aclose()
        database.close()
        raise
    return state


async def _begin_log(state: GuardState, orders: Orders, log_key: str) -> None:
    """Create tables; open the log with its first record; note a change of policy, owners or mode since the last
    start.
    """
    first_nonce = await state.chain.nonce(state.account)
    keep_blocks(state, orders.policy)
    mode = state.configuration.mode
    with state.database.transaction():
        state.journal.create_tables()
        state.ledger.create_tables()
        state.log.create_tables()
        state.approvals.create_tables()
        state.said.create_tables()
        state.portfolio.create_tables()
        state.acquaintances.create_tables()
        state.conduct.create_tables()
        state.shadow.create_tables()
        check_whole(state.log)
        if state.log.size == 0:
            write_first(state, first_nonce, log_key)
            state.memory.remember("mode", mode)
        else:
            write_changes(state, orders)
        if state.memory.recall("mode") != mode:
            state.log.append("mode_changed", "guard", {"mode": mode})
            state.memory.remember("mode", mode)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
