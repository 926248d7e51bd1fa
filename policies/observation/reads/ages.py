"""CodeHistory: since when the code that a contract runs now has been there, where a rule asks for its age.

The block of that long ago is searched by its time, and the code there is compared with the code now. What it would take
an archive to tell, and the node keeps none, is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_utils.crypto import keccak

from ....wallets.chain import BlockHeader, ChainClient
from ....wallets.chain.values import block_parameter
from ....wallets.errors import ChainError, RpcRefused
from ....wallets.values import parse_hex, to_hex
from ...book.book import Book
from ...decode import derive_effects
from ...facts import Block, Facts
from ...language.policy import Policy
from ...proposal import Proposal
from ..observe import IMPLEMENTATION_SLOTS
from .accounts import SINGLETON_SLOT
from .block_search import newest_before

_NEAR_PART = 100
"""A block that is older by a hundredth of the age than it need be will do; what was found is used again for as long."""
_EMPTY_CODE = to_hex(keccak(b""))

Ran = tuple[str, str | None]
"""What ran at a contract: the hash of its code, and the contract behind it where it is a proxy."""


@dataclass
class _Then:
    """A block of the past, and what ran there at the contracts that were asked for so far. It serves for every
    time before ``until`` (Unix seconds).
    """

    block: BlockHeader
    until: int
    ran: dict[str, Ran] = field(default_factory=dict)


class CodeHistory:
    """What ran on one chain in the past. Keeps the blocks that it found: one for each age that a policy asks for."""

    def __init__(self, chain: ChainClient) -> None:
        self._chain = chain
        self._then: dict[int, _Then] = {}

    async def complete(self, facts: Facts, policy: Policy, book: Book, proposal: Proposal) -> Facts:
        """The facts, with ``code_since`` where a rule of the policy asks for the age of what the proposal calls.

        A contract that ran something else at every age asked for has its code since the block of the facts, as far as
        is known. One whose past cannot be read is left out.
        """
        asked = ages_asked(policy, book, proposal)
        if not asked or facts.block is None:
            return facts
        now = {contract: _runs(contract, facts) for contract in asked}
        known = {contract: ran for contract, ran in now.items() if ran is not None}
        since: dict[str, int] = {}
        for age in sorted({age for contract in known for age in asked[contract]}, reverse=True):
            wanted = [contract for contract in known if age in asked[contract]]
            then = await self._ran_then(wanted, age, facts.block, int(facts.at.timestamp()), facts)
            for contract in wanted if then is not None else ():
                if then is None or contract not in then.ran:
                    continue
                same = then.ran[contract] == known[contract]
                found = then.block.timestamp if same else facts.block.timestamp
                since[contract] = min(found, since.get(contract, found))
        return facts.model_copy(update={"code_since": since})

    async def _ran_then(self, contracts: Sequence[str], age: int, head: Block, at: int, facts: Facts) -> _Then | None:
        """The block of ``age`` seconds ago, with what ran there, so far as the node tells; None where it does not."""
        before = min(at, head.timestamp) - age
        then = self._then.get(age)
        near = age // _NEAR_PART
        try:
            if then is None or not then.block.timestamp <= before < then.until:
                found = await newest_before(self._chain.block, before, head, near)
                if found is None:
                    return None
                block, until = found
                then = self._then[age] = _Then(block, max(until, before + near + 1))
            missing = [contract for contract in contracts if contract not in then.ran]
            if missing:
                then.ran.update(await self._read(missing, then.block, facts))
        except ChainError:
            # Not known, which the verdict says where it matters.
            return None
        return then

    async def _read(self, contracts: Sequence[str], block: BlockHeader, facts: Facts) -> dict[str, Ran]:
        at = block_parameter(block.hash)
        slots = {contract: _slots(contract, facts) for contract in contracts}
        asked: list[tuple[str, list[Any]]] = [("eth_getCode", [contract, at]) for contract in contracts]
        asked += [("eth_getStorageAt", [one, slot, at]) for one in contracts for slot in slots[one]]
        found = await self._chain.batch(asked)
        for item in found:
            if isinstance(item, RpcRefused):
                raise item
        words = iter(int.from_bytes(parse_hex(item), "big") for item in found[len(contracts) :])
        ran: dict[str, Ran] = {}
        for contract, code in zip(contracts, found, strict=False):
            behind = [word for word in [next(words) for _ in slots[contract]] if word]
            address = f"0x{behind[0] % 2**160:040x}" if behind else None
            ran[contract] = (to_hex(keccak(parse_hex(code))), address)
        return ran


def ages_asked(policy: Policy, book: Book, proposal: Proposal) -> dict[str, frozenset[int]]:
    """Contracts that the proposal calls, with the ages in seconds that rules for such effects ask of them."""
    if not policy.longest_target_age():
        return {}
    asked: dict[str, frozenset[int]] = {}
    for effect in derive_effects(proposal, book):
        ages = policy.target_ages(effect.kind)
        if effect.target is not None and ages:
            asked[effect.target] = asked.get(effect.target, frozenset()) | ages
    return asked


def _runs(contract: str, facts: Facts) -> Ran | None:
    """What runs at a contract now; None where that is not known, or nothing does: what is not there has no age."""
    code_hash = facts.code_hashes.get(contract)
    return None if code_hash in (None, _EMPTY_CODE) else (str(code_hash), facts.implementations.get(contract))


def _slots(contract: str, facts: Facts) -> tuple[str, ...]:
    """Where it would say what is behind it, in the order in which that is believed."""
    accounts: Mapping[str, object] = facts.contract_accounts
    return (SINGLETON_SLOT, *IMPLEMENTATION_SLOTS) if contract in accounts else IMPLEMENTATION_SLOTS
