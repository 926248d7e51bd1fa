"""Names and the book: what people will confuse, what no rule uses, what is not pinned or priced."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from ....wallets.values import DEVNET_CHAIN_ID
from ...book.book import WELL_KNOWN
from ...book.entries import PersonEntry, TokenEntry, VenueEntry
from ...conditions.amounts import Slippage, Usd
from ...effect import Kind
from .finding import Desk

_LIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "_": "-", ".": "-", "+": "-"})
_NATIVE_NAMES = frozenset({"eth", "ether", "ethereum", "matic", "pol", "coin"})
_DANGERS = frozenset(
    {
        Kind.DELEGATECALL,
        Kind.SET_CODE,
        Kind.OWNERSHIP_CHANGE,
        Kind.MODULE_CHANGE,
        Kind.UNLIMITED_APPROVAL,
        Kind.RAW_SIGNATURE,
    }
)


def check_names(desk: Desk) -> None:
    """Adds what it finds to the desk."""
    _ids(desk)
    _sections(desk)
    _entries(desk)
    _prices(desk)
    denied = {kind for rule in desk.policy.rules if rule.decision == "deny" and not rule.when for kind in rule.kinds}
    if not denied >= _DANGERS:
        desk.policy_says(
            "no-never-rule",
            ("rules",) if desk.policy.rules else ("name",),
            f"nothing denies by name: {', '.join(sorted(_DANGERS - denied))}",
            "no rule can allow them anyway; a deny rule tells readers so, and names them in every answer",
            "add a rule - id: never, deny: [delegatecall, set_code, ownership_change, ..]",
        )


def _folded(name: str) -> str:
    return name.lower().translate(_LIKE)


def _ids(desk: Desk) -> None:
    seen: dict[str, str] = {}
    for section in ("limits", "rules", "breakers"):
        for position, item in enumerate(getattr(desk.policy, section)):
            other = seen.setdefault(_folded(item.id), item.id)
            if other != item.id:
                desk.policy_says(
                    "ids-alike",
                    (section, position, "id"),
                    f"{item.id} looks like {other}",
                    "a reason that names one will be read as the other",
                    "give one of them another name",
                )


def _sections(desk: Desk) -> None:
    text = desk.bundle.policy_bytes.decode()
    for section in desk.bundle.book.sections:
        if section in WELL_KNOWN:
            continue
        near = difflib.get_close_matches(section, WELL_KNOWN, n=1, cutoff=0.75)
        used = re.search(rf"(?<![\w-]){re.escape(section)}(?![\w-])", text) is not None
        if near and not used:
            desk.book_says(
                "section-nearly",
                (section,),
                f"the section {section} has no meaning; did you mean {near[0]}?",
                "its entries are neither tokens, venues, people, payees nor accounts",
                f"write {near[0]}, or name the section in a rule",
            )
        elif not used:
            desk.book_says(
                "unused-section",
                (section,),
                f"no rule names the section {section}",
                "a list that nothing reads (of blocked addresses, say) protects nobody",
                f"add a rule with to: {{book: {section}}}, or remove the section",
            )


def _entries(desk: Desk) -> None:
    book = desk.bundle.book
    pinned = {entry.address for name in ("tokens", "venues") for entry in book.sections.get(name, ())}
    for section, entries in book.sections.items():
        for entry in entries:
            path = (section, entry.label)
            if section == "payees" and entry.address in pinned:
                desk.book_says(
                    "token-is-payee",
                    path,
                    f"the payee {entry.label} is a token or a venue of this book",
                    "what is sent to a contract that does not expect it is lost, or anybody's",
                    "look up the payee's own address",
                )
            if not isinstance(entry, PersonEntry) and getattr(entry, "ens", None):
                desk.book_says(
                    "ens-entry",
                    path,
                    f"{entry.label} has the ENS name {getattr(entry, 'ens', None)}",
                    "whoever holds the name can point it elsewhere: from then on payments to it are denied",
                    "nothing, if you know who holds the name",
                )
            if isinstance(entry, VenueEntry) and entry.code_hash is None and set(entry.chains) - {DEVNET_CHAIN_ID}:
                desk.book_says(
                    "no-code-hash",
                    path,
                    f"the venue {entry.label} has no code_hash",
                    "away from a devnet every call to it is denied: nobody says which code it must run",
                    "treasurer registry pin reads it",
                )
            if isinstance(entry, TokenEntry) and entry.label.lower() in _NATIVE_NAMES:
                desk.book_says(
                    "symbol-like",
                    path,
                    f"a token is called {entry.label}, as people call the chain's own coin",
                    "a symbol is whatever its contract says; the coin is written native",
                    "give the token a label that says what it is",
                )


def _prices(desk: Desk) -> None:
    policy = desk.policy
    asks = any(isinstance(item, Usd | Slippage) for rule in policy.rules for item in rule.when)
    if not asks and not any(limit.asset == "usd" for limit in policy.limits):
        return
    for token in _fungible(desk.bundle.book.sections.get("tokens", ()), set(policy.chains)):
        if token.feed is None:
            desk.book_says(
                "no-feed",
                ("tokens", token.label),
                f"{token.label} has no price feed, and the policy counts in USD",
                "what has no price is never allowed by a rule in USD, and no limit in USD lets it pass",
                'add feed: "0x..", heartbeat: 24h',
            )
        elif token.heartbeat is None:
            desk.book_says(
                "no-heartbeat",
                ("tokens", token.label),
                f"the feed of {token.label} has no heartbeat",
                "a price from last week looks like one from now",
                "add heartbeat: 24h (what the feed's page says)",
            )


def _fungible(entries: Iterable[object], chains: set[int]) -> Iterable[TokenEntry]:
    for entry in entries:
        if isinstance(entry, TokenEntry) and entry.kind not in ("erc721", "erc1155") and chains & set(entry.chains):
            yield entry
