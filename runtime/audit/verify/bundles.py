"""The policies that the log links to, loaded from the export's own blocks, and which one was in force when."""

from __future__ import annotations

from collections.abc import Mapping

from ....policies.language.bundle import PolicyBundle
from ....wallets.cid import cid_text, decode_block
from ....wallets.errors import TreasurerError
from ..records import PolicyChanged, is_link
from .exported import Exported
from .report import Report


class Policies:
    """Policy bundles by link; each is loaded once."""

    def __init__(self, log: Exported, report: Report) -> None:
        self._loaded: dict[bytes, PolicyBundle | None] = {}
        self._changes = [(0, log.opened.policy)]
        self._changes += [
            (entry.seq, entry.body.policy) for entry in log.entries if isinstance(entry.body, PolicyChanged)
        ]
        faults = []
        for _, link in self._changes:
            try:
                self._loaded[link] = _load(link, log.blocks)
            except (TreasurerError, ValueError) as error:
                self._loaded[link] = None
                faults.append(f"the policy {cid_text(link)} cannot be loaded from the file: {error}")
        newest = cid_text(self._changes[-1][1])
        report.conclude("policy", faults, f"policy and book are in the file; {newest} is in force at the end")

    def get(self, link: bytes) -> PolicyBundle | None:
        """The bundle of a link that was in force at some time; None for any other, or where it does not load."""
        return self._loaded.get(link)

    def in_force(self, seq: int) -> bytes:
        """The link of the policy in force when record ``seq`` was written."""
        return next(link for at, link in reversed(self._changes) if at <= seq)


def _load(link: bytes, blocks: Mapping[bytes, bytes]) -> PolicyBundle:
    parts = decode_block(blocks.get(link, b""))
    files = parts.pop("files", {}) if isinstance(parts, dict) else None
    if files is None or set(parts) != {"policy", "book"} or not isinstance(files, dict):
        raise ValueError("it is no bundle of policy and book")
    parts = {**files, **parts}
    if not all(map(is_link, parts.values())):
        raise ValueError("it is no bundle of policy and book")
    missing = [name for name, part in parts.items() if part not in blocks]
    if missing:
        raise ValueError(f"its {missing[0]} is missing")
    attachments = {path: blocks[part] for path, part in files.items()}
    bundle = PolicyBundle.from_bytes(blocks[parts["policy"]], blocks[parts["book"]], attachments)
    if bundle.cid != cid_text(link):
        raise ValueError(f"its parts make the bundle {bundle.cid}")
    return bundle
