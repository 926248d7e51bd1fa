"""Shadow: another policy judged beside the one in force, on the same facts, so that people see what it would change.

It is not signed and has no say: it is judged after the live answer is written down, in a transaction of its own, and
whatever goes wrong in it is a fault that `treasurer status` tells. Its windows are its own: they count what it would
have let through, from the moment it judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...policies.budget.ledger import Ledger
from ...policies.facts import Facts
from ...policies.judgement.judge import judge
from ...policies.judgement.limits import counted
from ...policies.language.bundle import PolicyBundle
from ...policies.verdict import Verdict
from ...wallets.cid import cid_link
from ...wallets.errors import TreasurerError
from ..audit import AuditLog
from ..bot.bundle import read_shadow
from ..bot.configuration import Configuration
from ..bot.folder import BotFolder
from .database import Database
from .memory import Memory
from .portfolio import Portfolio

if TYPE_CHECKING:
    from .submission import Judgement

_COUNTS = "shadow_counts"


@dataclass
class Counts:
    """What became of the judgements since this shadow policy lies there."""

    same: int = 0
    differs: int = 0
    faults: int = 0


class Shadow:
    """The policy that ``[policy] shadow`` names, if it names one and it loads."""

    def __init__(self, database: Database, log: AuditLog, memory: Memory) -> None:
        self._database = database
        self._log = log
        self._memory = memory
        self._ledger = Ledger(database.connection)
        self._portfolio = Portfolio(database.connection, table="shadow_portfolio")
        self._bundle: PolicyBundle | None = None
        self._named = ""
        self.fault = ""

    def create_tables(self) -> None:
        """Create what is missing. Inside a transaction."""
        self._portfolio.create_tables()

    def load(self, folder: BotFolder, configuration: Configuration) -> None:
        """Read it as it lies in the bot's folder now; a fault of it is kept for `treasurer status`."""
        self._named, self._bundle, self.fault = configuration.policy.shadow or "", None, ""
        try:
            self._bundle = read_shadow(folder, configuration)
            if self._bundle is None:
                return
            for cid, block in self._bundle.blocks().items():
                self._log.put_block(block, codec=cid_link(cid)[1])
        except TreasurerError as error:
            self._bundle, self.fault = None, str(error)
            return
        if self._memory.recall("shadow") != self._bundle.cid:
            with self._database.transaction():
                self._memory.remember("shadow", self._bundle.cid)
                self._keep(Counts())

    def judge(self, judgement: Judgement, live: PolicyBundle, account: str, digest: str) -> None:
        """Judge what the live policy has answered; write a Record where the answers differ. Never raises for a fault of
        the shadow's.
        """
        bundle = self._bundle
        if bundle is None:
            return
        try:
            with self._database.transaction():
                self._judge(bundle, judgement, live, account, digest)
        except Exception as error:  # noqa: BLE001 - whatever the shadow does, the live answer stands; status tells it
            self.fault = f"{type(error).__name__}: {error}"[:500]
            counts = self.counts()
            counts.faults += 1
            with self._database.transaction():
                self._keep(counts)

    def counts(self) -> Counts:
        """How often it agreed, differed and failed."""
        written = self._memory.recall(_COUNTS)
        return Counts(*map(int, written.split())) if written else Counts()

    def told(self) -> dict[str, Any] | None:
        """For `treasurer status`: None where the configuration names no shadow policy."""
        if not self._named:
            return None
        counts, bundle = self.counts(), self._bundle
        return {
            "file": self._named,
            "policy": None if bundle is None else bundle.policy.name,
            "policy_cid": None if bundle is None else bundle.cid,
            "same": counts.same,
            "differs": counts.differs,
            "faults": counts.faults,
            "fault": self.fault,
        }

    def _judge(self, bundle: PolicyBundle, judgement: Judgement, live: PolicyBundle, account: str, digest: str) -> None:
        proposal, answered = judgement.proposal, judgement.verdict
        owner, key = f"shadow:{bundle.cid}:{account}", f"shadow:{bundle.cid}:{proposal.intent_key}"
        facts = self._facts(bundle, judgement.facts, live, owner)
        verdict = judge(bundle.policy, bundle.book, proposal, facts)
        if verdict.decision != "deny":
            self._ledger.reserve(owner, key, counted(verdict.effects, proposal, bundle.book, facts))
            self._ledger.settle(key, facts.at)
        counts = self.counts()
        if _same(verdict, answered):
            counts.same += 1
        else:
            counts.differs += 1
            body = {
                "key": proposal.intent_key,
                "digest": digest,
                "policy": cid_link(bundle.cid),
                "live": answered.decision,
                "verdict": verdict.model_dump(mode="json"),
            }
            self._log.append("shadow", proposal.run, body)
        self._keep(counts)

    def _facts(self, bundle: PolicyBundle, facts: Facts, live: PolicyBundle, owner: str) -> Facts:
        """The same facts, with windows and peaks of its own, and only the answers of plug-ins that it pins as well."""
        policy = bundle.policy
        since = facts.at - timedelta(seconds=policy.longest_window())
        spent = self._ledger.spent(
            owner, now=facts.at, since=since, first_dealings="first dealings" in policy.remembers
        )
        if policy.breakers and facts.portfolio_usd is not None:
            self._portfolio.note(facts.at, facts.portfolio_usd)
        peaks = self._portfolio.peaks(policy.breakers, facts.at)
        pinned = live.policy.plugins
        plugins = {name: said for name, said in facts.plugins.items() if policy.plugins.get(name) == pinned.get(name)}
        return facts.model_copy(update={"spent": spent, "portfolio_peaks_usd": peaks, "plugins": plugins})

    def _keep(self, counts: Counts) -> None:
        self._memory.remember(_COUNTS, f"{counts.same} {counts.differs} {counts.faults}")


def _same(verdict: Verdict, live: Verdict) -> bool:
    """The same decision, by the same people where people are asked."""
    return verdict.decision == live.decision and (verdict.decision != "escalate" or verdict.approvals == live.approvals)
