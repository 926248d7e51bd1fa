"""What SwapRouter02 holds of ours inside one top-level call: its functions hand value on through its balance.

A lot is one stream of value: what we gave (``sold``), what it is now (``asset``), and how much of that there is at
least (``low``). It leaves the router towards a recipient; what has not left when the call ends is anybody's (policy.md,
"Addresses"). Source: swap-router-contracts 1.3, V3SwapRouter.sol, V2SwapRouter.sol, PeripheryPaymentsExtended.sol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ....wallets.values import NATIVE
from ...effect import Kind
from ..draft.abi import NotCanonical, decode
from ..draft.draft import Draft, Frame
from ..draft.settlement import Use


@dataclass(frozen=True)
class Lot:
    """One stream of value through the router. ``swapped``: a pool stood between ``sold`` and ``asset``.

    A lot whose ``asset`` is ``native`` is WETH that the router wrapped itself; its ether is counted apart.
    """

    sold: str
    amount: int
    exact: bool
    asset: str
    low: int
    swapped: bool
    uses: tuple[Use, ...] = ()


@dataclass
class RouterBalance:
    """The router's holdings of ours. ``ether``: wei at most; ``ether_exact``: to the wei.

    ``shorthands``: addresses that this router's functions write for somebody else.
    """

    draft: Draft
    frame: Frame
    ether: int
    ether_exact: bool = True
    deadline: int | None = None
    shorthands: Mapping[str, str] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)

    @property
    def router(self) -> str:
        """The router's address."""
        return self.frame.target

    def recipient(self, address: str) -> str:
        """Who ``address`` stands for."""
        return self.shorthands.get(address, address)

    def read(self, data: bytes, known: Mapping[bytes, str]) -> tuple[str, tuple[Any, ...]] | None:
        """Signature and arguments of a call inside a multicall, of the functions ``known`` by selector; None, and
        unknown, where it is none of them or not canonical.
        """
        signature = known.get(data[:4])
        if signature is None:
            self.draft.unknown(f"selector 0x{data[:4].hex()} inside a multicall of {self.router}", self.frame)
            return None
        try:
            return signature, decode(signature, data[4:])
        except NotCanonical as fault:
            words = f"what {signature} inside a multicall means: it is not canonical, {fault}"
            self.draft.unknown(words, self.frame)
            return None

    def take(self, asset: str) -> list[Lot]:
        """Remove and return all lots that are ``asset`` now."""
        if self.draft.is_weth(asset):
            return self.take_weth()
        taken = [lot for lot in self.lots if lot.asset == asset]
        self.lots = [lot for lot in self.lots if lot.asset != asset]
        return taken

    def take_weth(self) -> list[Lot]:
        """Remove and return all lots that are WETH now."""
        taken = [lot for lot in self.lots if lot.asset == NATIVE or self.draft.is_weth(lot.asset)]
        self.lots = [lot for lot in self.lots if lot not in taken]
        return taken

    def arrive(self, lot: Lot, recipient: str) -> None:
        """A pool pays ``lot.asset`` to ``recipient``: the swap is complete, or its proceeds stay in the router."""
        if recipient == self.router:
            self.lots.append(lot)
        else:
            self.leave(lot, recipient)

    def leave(self, lot: Lot, recipient: str) -> None:
        """``lot`` goes from the router (or a pool) to ``recipient``."""
        draft, frame = self.draft, self.frame
        if lot.swapped:
            draft.swap(
                frame,
                sold=lot.sold,
                amount=lot.amount,
                exact=lot.exact,
                bought=lot.asset,
                minimum=lot.low,
                recipient=recipient,
                deadline=self.deadline,
                uses=lot.uses,
            )
            return
        if recipient != draft.account:
            index = draft.transfer(frame, lot.asset, lot.amount, recipient)
            draft.require_registered(frame, index, lot.asset)
        elif lot.sold == lot.asset:
            return
        else:
            kind = Kind.WRAP if lot.sold == NATIVE else Kind.UNWRAP
            index = draft.add(
                kind,
                frame,
                asset=lot.sold,
                amount=lot.amount,
                bought=lot.asset,
                bought_minimum=lot.amount,
                counterparty=recipient,
            )
        for use in lot.uses:
            draft.moves(index, use)

    def pay_out(self, lots: list[Lot], minimum: int, recipient: str, asset: str) -> None:
        """All of ``lots`` leaves as ``asset``; the router reverts below ``minimum``, so that much comes at least."""
        if not lots:
            if recipient != self.draft.account:
                words = f"how much {asset} the router holds"
                self.draft.transfer(self.frame, asset, None, recipient, unknown=(words,))
                self.draft.unknown(words, self.frame, asset=asset, counterparty=recipient)
            return
        missing = max(0, minimum - sum(lot.low for lot in lots))
        for number, lot in enumerate(lots):
            low = lot.low + (missing if number == len(lots) - 1 else 0)
            self.leave(replace(lot, asset=asset, low=low), recipient)

    def close(self) -> None:
        """The top-level call ends: what is still here is a transfer to a stranger."""
        draft, frame = self.draft, self.frame
        for lot in self.lots:
            if lot.swapped:
                self.leave(lot, self.router)
                draft.left_behind(frame, lot.asset, None, exact=False)
            else:
                draft.left_behind(frame, lot.asset, lot.amount, exact=True)
        if self.ether:
            draft.left_behind(frame, NATIVE, self.ether, exact=self.ether_exact)
