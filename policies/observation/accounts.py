"""accounts: what contract accounts of the book say of themselves, before the calls and after them.

Owners, threshold and modules are asked of the account; singleton, guard and fallback handler are read from its
storage, which its code cannot lie about. Source: Safe 1.3 and 1.4 (Safe.sol, ModuleManager.sol, GuardManager.sol,
FallbackManager.sol): the singleton lies in slot 0, the others at keccak-256 of their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...wallets.call import selector
from ...wallets.eip712 import word
from ...wallets.values import ZERO_ADDRESS
from ..facts import ContractAccount
from ..language.book import Book
from .probes import Answers, Probe

SAFE = "safe"
MOST_MODULES = 100
"""One page; an account with more is not read, and what cannot be read is not signed for."""
_FIRST = "0x" + "0" * 39 + "1"
"""The sentinel at which Safe's lists begin and end."""
_SINGLETON = "0x" + "0" * 64
_GUARD = "0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8"
_FALLBACK_HANDLER = "0x6c9a6c4a39284e37ed1cf53d337577d14212a4870fb976a4366c693b939918d5"
ACCOUNT_SLOTS = (_SINGLETON, _GUARD, _FALLBACK_HANDLER)

Slot = tuple[str, str]
"""A contract and one of its storage slots."""


def contract_accounts(book: Book, chain_id: int, addresses: Iterable[str]) -> tuple[str, ...]:
    """Those of ``addresses`` that the book calls contract accounts of ours."""
    found = ((address, book.venue(address, chain_id)) for address in dict.fromkeys(addresses))
    return tuple(address for address, venue in found if venue is not None and venue.kind == SAFE)


def account_slots(accounts: Iterable[str]) -> tuple[Slot, ...]:
    """The storage that tells what code the accounts run."""
    return tuple((account, slot) for account in accounts for slot in ACCOUNT_SLOTS)


def account_probes(account: str) -> tuple[Probe, Probe, Probe]:
    """Owners, threshold and modules, asked of the account itself."""
    page = selector("getModulesPaginated(address,uint256)") + word(_FIRST) + word(MOST_MODULES)
    return Probe(account, selector("getOwners()")), Probe(account, selector("getThreshold()")), Probe(account, page)


def told_accounts(accounts: Iterable[str], answers: Answers, stored: Mapping[Slot, int]) -> dict[str, ContractAccount]:
    """Each account that answered in full; one of which anything is unreadable is left out, and so is not known."""
    told = {}
    for account in accounts:
        owners_probe, threshold_probe, modules_probe = account_probes(account)
        owners, threshold = answers.addresses(owners_probe), answers.number(threshold_probe)
        modules, rest = answers.addresses(modules_probe), answers.words(modules_probe, 2)
        slots = [stored.get((account, slot)) for slot in ACCOUNT_SLOTS]
        if owners is None or threshold is None or modules is None or rest is None or None in slots:
            continue
        if rest[1] not in (0, 1):
            continue
        singleton, guard, handler = (_address(value or 0) for value in slots)
        told[account] = ContractAccount(
            singleton=singleton,
            owners=tuple(sorted(owners)),
            threshold=threshold,
            modules=tuple(sorted(modules)),
            guard=guard,
            fallback_handler=handler,
        )
    return told


def _address(stored: int) -> str | None:
    address = f"0x{stored % 2**160:040x}"
    return None if address == ZERO_ADDRESS else address
