"""CodeHistory: since when the code that a contract runs now has been there, where a rule asks for its age.

The block of that long ago is searched by its time, and the code there is compared with the code now. What it would take
an archive to tell, and the node keeps none, is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_utils.crypto import keccak

from ...wallets.chain import BlockHeader, ChainClient
from ...wallets.chain.values import block_parameter
from ...wallets.errors import ChainError, RpcRefused
from ...wallets.values import parse_hex, to_hex
from ..decode import derive_effects
from ..facts import Block, Facts
from ..language.book import Book
from ..language.policy import Policy
from ..proposal import Proposal
from .accounts import ACCOUNT_SLOTS
from .observe import IMPLEMENTATION_SLOTS

MOST_HEADERS = 12
"""Headers asked for in one search. Blocks come evenly: three or four are usual."""
_SECONDS_PER_BLOCK = 12
"""The first guess, Ethereum's."""
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
        try:
            if then is None or not then.block.timestamp <= before < then.until:
                then = await self._newest_before(before, head, age)
                if then is None:
                    return None
                self._then[age] = then
            missing = [contract for contract in contracts if contract not in then.ran]
            if missing:
                then.ran.update(await self._read(missing, then.block, facts))
        except ChainError:
            # Not known, which the verdict says where it matters; a block that was reorganized away is searched anew.
            self._then.pop(age, None)
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

    async def _newest_before(self, time: int, head: Block, age: int) -> _Then | None:
        """The block of ``time`` (Unix seconds) or shortly before; None where the chain has none, or none was found.

        By where it should lie between two blocks that are known, and by halves where that is no good guess.
        """
        near = age // _NEAR_PART
        late_number, late_time = head.number, head.timestamp
        early: BlockHeader | None = None
        guess = head.number - -(-(head.timestamp - time) // _SECONDS_PER_BLOCK)
        for step in range(MOST_HEADERS):
            block = await self._chain.block(max(guess, 0))
            if block.timestamp <= time:
                early = block
            elif block.number == 0:
                return None
            else:
                late_number, late_time = block.number, block.timestamp
            if early is None:
                blocks, seconds = head.number - late_number, head.timestamp - late_time
                further = (late_time - time) * blocks // seconds if seconds else blocks
                guess = late_number - max(further + further // 10, 1)
            elif late_number - early.number == 1 or time - early.timestamp <= near:
                break
            else:
                between = late_number - early.number
                part = between * (time - early.timestamp) // (late_time - early.timestamp)
                guess = early.number + min(max(part if step % 2 else between // 2, 1), between - 1)
        if early is None:
            return None
        following = late_time if late_number - early.number == 1 else 0
        return _Then(early, until=max(following, time + near + 1))


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
    return (*ACCOUNT_SLOTS[:1], *IMPLEMENTATION_SLOTS) if contract in accounts else IMPLEMENTATION_SLOTS
