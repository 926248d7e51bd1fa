"""Orders: each policy, each change of the owners and each resumption was signed by somebody who was an owner then."""

from __future__ import annotations

from ....wallets.cid import cid_text
from ....wallets.errors import InvalidValue
from ....wallets.keys import recover
from ....wallets.orders import Order, OwnersOrder, PolicyOrder, ResumeOrder
from ....wallets.values import parse_hex
from ..records import Opened, OwnersChanged, PolicyChanged, Resumed
from .exported import Entry, Exported
from .report import Report


def check_orders(log: Exported, report: Report) -> None:
    """Report on each order. Whether the first owners are the right ones, a stranger compares by themselves."""
    if not log.opened.owners:
        for entry in log.of_kind("policy_changed", "owners_changed", "resumed"):
            report.unverifiable(f"signature {entry.seq}", "the log does not name the owners that it began with")
        return
    walk = _Walk(log, report)
    for entry in log.entries:
        body = entry.body
        if isinstance(body, Opened):
            walk.policy(entry, body.policy, body.policy_version, body.by, body.signature)
        elif isinstance(body, PolicyChanged):
            walk.policy(entry, body.policy, body.version, body.by, body.signature)
        elif isinstance(body, OwnersChanged):
            walk.change_owners(entry, body)
        elif isinstance(body, Resumed):
            walk.resume(entry, body)
        elif entry.kind == "stopped":
            walk.stop = entry.cid


class _Walk:
    """Who the owners are, which policy was ordered last and which stop stands, record by record."""

    def __init__(self, log: Exported, report: Report) -> None:
        self._chain_id, self._account = log.opened.chain_id, log.opened.account.lower()
        self._report = report
        self._owners = {owner.lower() for owner in log.opened.owners}
        self._owners_version = log.opened.owners_version
        self._policy_version = 0
        self.stop = ""

    def policy(self, entry: Entry, link: bytes, version: int, by: str, signature: str) -> None:
        """A policy comes into force, by an order newer than the one before."""
        cid = cid_text(link)
        if version <= self._policy_version:
            self._report.refuted(
                f"signature {entry.seq}", f"the policy's version {version} does not follow {self._policy_version}"
            )
            return
        self._policy_version = version
        order = PolicyOrder.model_construct(
            chain_id=self._chain_id, account=self._account, policy_cid=cid, version=version
        )
        self._check(entry, order, by, signature, f"put version {version} of the policy, {cid}, in force")

    def change_owners(self, entry: Entry, body: OwnersChanged) -> None:
        """Others are owners from here on, if one of those before says so."""
        listed = tuple(sorted({owner.lower() for owner in body.owners}))
        order = OwnersOrder.model_construct(
            chain_id=self._chain_id, account=self._account, owners=listed, version=body.version
        )
        if body.version != self._owners_version + 1 or not listed:
            self._report.refuted(
                f"signature {entry.seq}", f"version {body.version} of the owners does not follow {self._owners_version}"
            )
        elif self._check(entry, order, body.by, body.signature, f"made {', '.join(listed)} the owners"):
            self._owners, self._owners_version = set(listed), body.version

    def resume(self, entry: Entry, body: Resumed) -> None:
        """The stop that stands is lifted."""
        if not self.stop:
            self._report.refuted(f"signature {entry.seq}", "it lifts a stop that no record before it made")
            return
        order = ResumeOrder.model_construct(chain_id=self._chain_id, account=self._account, stop_record=self.stop)
        self._check(entry, order, body.by, body.signature, f"lifted the stop {self.stop}")
        self.stop = ""

    def _check(self, entry: Entry, order: Order, by: str, signature: str, did: str) -> bool:
        claim = f"signature {entry.seq}"
        try:
            signer = recover(order.hash(), parse_hex(signature))
        except InvalidValue as error:
            self._report.refuted(claim, f"record {entry.seq} holds no owner's signature: {error}")
            return False
        if signer not in self._owners:
            self._report.refuted(claim, f"{signer} signed the order in record {entry.seq}, who was no owner then")
            return False
        if signer != by.lower():
            self._report.refuted(claim, f"record {entry.seq} names {by}, and {signer} signed")
            return False
        self._report.verified(claim, f"{signer}, an owner then, {did}")
        return True
