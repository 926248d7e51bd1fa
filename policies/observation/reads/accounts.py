"""accounts: what contract accounts of the book say of themselves, before the calls and after them.

Owners, threshold and modules are asked of the account; what it runs is read from its storage or its code, which
cannot lie about themselves. Sources: Safe 1.3 and 1.4 (Safe.sol, ModuleManager.sol, GuardManager.sol,
FallbackManager.sol): the singleton lies in slot 0, the others at keccak-256 of their names; account-abstraction 0.6 to
0.8 (SimpleAccount.sol, Simple7702Account.sol); ERC-7579 (IERC7579ModuleConfig); EIP-7702 (delegation designators).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ....wallets.call import Call, selector
from ....wallets.eip712 import word
from ....wallets.values import ZERO_ADDRESS
from ...book.book import Book
from ...book.contract_kinds import DELEGATED_ACCOUNT, MODULAR_ACCOUNT, SAFE, SIMPLE_ACCOUNTS
from ...book.entries import VenueEntry
from ...facts import ContractAccount
from . import probes
from .probes import Answers, Probe

MOST_MODULES = 500
"""One page; an account with more is not read, and what cannot be read is not signed for."""
SINGLETON_SLOT = "0x" + "0" * 64
PROXY_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
"""EIP-1967's implementation."""
_GUARD = "0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8"
_FALLBACK_HANDLER = "0x6c9a6c4a39284e37ed1cf53d337577d14212a4870fb976a4366c693b939918d5"
_FIRST = "0x" + "0" * 39 + "1"
"""The sentinel at which lists begin and end, in Safe as in the ERC-7579 accounts that have lists."""
_MODULE_TYPES = (1, 2, 3, 4)
"""ERC-7579: validator, executor, fallback handler, hook."""

Slot = tuple[str, str]
"""A contract and one of its storage slots."""


@dataclass(frozen=True)
class AccountReads(ABC):
    """What is read of one contract account; ``slots`` and ``probes`` are asked before the calls and after them."""

    address: str

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The storage that tells what code the account runs: of a proxy, EIP-1967's slot."""
        return ((self.address, PROXY_SLOT),)

    @property
    @abstractmethod
    def probes(self) -> tuple[Probe, ...]:
        """What is asked of the account itself, or of its code."""

    def singleton(self, answers: Answers, stored: Mapping[Slot, int]) -> str | None:
        """The contract whose code the account runs; None where it runs its own, or that is not known."""
        return _address(stored.get((self.address, PROXY_SLOT), 0))

    @abstractmethod
    def told(self, answers: Answers, stored: Mapping[Slot, int]) -> ContractAccount | None:
        """What it says in full; None where anything of it is unreadable."""


class SafeReads(AccountReads):
    """A Safe: owners, threshold, modules, singleton, guard and fallback handler."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Singleton, guard and fallback handler."""
        return tuple((self.address, slot) for slot in (SINGLETON_SLOT, _GUARD, _FALLBACK_HANDLER))

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Owners, threshold and modules."""
        return (
            Probe(self.address, selector("getOwners()")),
            Probe(self.address, selector("getThreshold()")),
            _page(self.address, "getModulesPaginated(address,uint256)"),
        )

    def singleton(self, answers: Answers, stored: Mapping[Slot, int]) -> str | None:
        """Slot 0."""
        return _address(stored.get((self.address, SINGLETON_SLOT), 0))

    def told(self, answers: Answers, stored: Mapping[Slot, int]) -> ContractAccount | None:
        """All six."""
        owners_probe, threshold_probe, modules_probe = self.probes
        owners, threshold = answers.addresses(owners_probe), answers.number(threshold_probe)
        modules = _paged(answers, modules_probe)
        slots = [stored.get(slot) for slot in self.slots]
        if owners is None or threshold is None or modules is None or None in slots:
            return None
        singleton, guard, handler = (_address(value or 0) for value in slots)
        return ContractAccount(
            singleton=singleton,
            owners=tuple(sorted(owners)),
            threshold=threshold,
            modules=tuple(sorted(modules)),
            guard=guard,
            fallback_handler=handler,
        )


class SimpleReads(AccountReads):
    """ERC-4337's SimpleAccount, a proxy: one owner, and the entry point that may make it act."""

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Owner and entry point."""
        return Probe(self.address, selector("owner()")), Probe(self.address, selector("entryPoint()"))

    def told(self, answers: Answers, stored: Mapping[Slot, int]) -> ContractAccount | None:
        """Its owner counts as one of one."""
        owner, entry_point = (answers.number(probe) for probe in self.probes)
        if owner is None or entry_point is None or self.slots[0] not in stored:
            return None
        return ContractAccount(
            singleton=self.singleton(answers, stored),
            owners=(f"0x{owner % 2**160:040x}",),
            threshold=1,
            entry_point=_address(entry_point),
        )


class DelegatedReads(AccountReads):
    """A plain account that runs the code of another (EIP-7702): its key is the owner, whatever that code says."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """None: the designator is the account's code."""
        return ()

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Its code, and the entry point that may make it act."""
        return probes.code_start(self.address), Probe(self.address, selector("entryPoint()"))

    def singleton(self, answers: Answers, stored: Mapping[Slot, int]) -> str | None:
        """The delegate."""
        return answers.delegate(self.probes[0])

    def told(self, answers: Answers, stored: Mapping[Slot, int]) -> ContractAccount | None:
        """Nothing where the account is not delegated."""
        delegate, entry_point = answers.delegate(self.probes[0]), answers.number(self.probes[1])
        if delegate is None or entry_point is None:
            return None
        owners = (self.address,)
        return ContractAccount(singleton=delegate, owners=owners, threshold=1, entry_point=_address(entry_point))


@dataclass(frozen=True)
class ModularReads(AccountReads):
    """An ERC-7579 account. ``pinned``: the modules that the book names; validators and executors are listed besides
    where the account has lists, which the standard does not ask of it.
    """

    pinned: tuple[str, ...] = ()

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Both lists, then for each pinned module whether it is installed as a module of each type."""
        lists = [f"get{kind}Paginated(address,uint256)" for kind in ("Validators", "Executors")]
        return (*(_page(self.address, name) for name in lists), *(p for m in self.pinned for p in self._installed(m)))

    def _installed(self, module: str) -> tuple[Probe, ...]:
        asked = (Call.encode(self.address, _IS_INSTALLED, kind, module, b"") for kind in _MODULE_TYPES)
        return tuple(Probe(self.address, call.data) for call in asked)

    def told(self, answers: Answers, stored: Mapping[Slot, int]) -> ContractAccount | None:
        """Its modules: what of it commands the account is theirs to say."""
        found = set()
        for probe in self.probes[:2]:
            listed = _paged(answers, probe)
            if listed is None and answers.number(probe) is not None:
                return None  # A list that is not read to its end is not known.
            found |= set(listed or ())
        for module in self.pinned:
            installed = [answers.number(probe) for probe in self._installed(module)]
            if all(number is None for number in installed):
                return None
            if any(installed):
                found.add(module)
        if self.slots[0] not in stored:
            return None
        return ContractAccount(singleton=self.singleton(answers, stored), modules=tuple(sorted(found)))


_IS_INSTALLED = "isModuleInstalled(uint256,address,bytes)"


def contract_accounts(book: Book, chain_id: int, addresses: Iterable[str]) -> dict[str, AccountReads]:
    """How to read those of ``addresses`` that the book calls contract accounts of ours."""
    found = {}
    for address in dict.fromkeys(addresses):
        venue = book.venue(address, chain_id)
        reads = None if venue is None else _reads_of(address, venue)
        if reads is not None:
            found[address] = reads
    return found


def _reads_of(address: str, venue: VenueEntry) -> AccountReads | None:
    if venue.kind == SAFE:
        return SafeReads(address)
    if venue.kind in SIMPLE_ACCOUNTS:
        return SimpleReads(address)
    if venue.kind == DELEGATED_ACCOUNT:
        return DelegatedReads(address)
    if venue.kind == MODULAR_ACCOUNT:
        return ModularReads(address, tuple(sorted(venue.modules or ())))
    return None


def told_accounts(
    accounts: Mapping[str, AccountReads], answers: Answers, stored: Mapping[Slot, int]
) -> dict[str, ContractAccount]:
    """Each account that answered in full; one of which anything is unreadable is left out, and so is not known."""
    told = {address: reads.told(answers, stored) for address, reads in accounts.items()}
    return {address: account for address, account in told.items() if account is not None}


def _page(account: str, function: str) -> Probe:
    return Probe(account, selector(function) + word(_FIRST) + word(MOST_MODULES))


def _paged(answers: Answers, probe: Probe) -> tuple[str, ...] | None:
    """A list that ends on this page; None where it goes on, or is none."""
    found, words = answers.addresses(probe), answers.words(probe, 2)
    # Lists end at the sentinel, or where they are empty, at nothing.
    return None if found is None or words is None or words[1] not in (0, 1) else found


def _address(stored: int) -> str | None:
    address = f"0x{stored % 2**160:040x}"
    return None if address == ZERO_ADDRESS else address
