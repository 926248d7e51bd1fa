"""Facts: everything outside the proposal that a judgement uses. The log records them whole, so that a stranger can
judge again.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..wallets.values import Address, Asset, BaseUnits, Hash32

Counter = Literal["outflow", "turnover", "borrow", "gas", "count"]


class Block(BaseModel):
    """The block whose state was read."""

    model_config = ConfigDict(frozen=True)

    number: int
    hash: Hash32
    timestamp: int


class Price(BaseModel):
    """USD for one whole unit. ``updated_at`` (Unix seconds) and ``source`` say where it came from."""

    model_config = ConfigDict(frozen=True)

    usd: Decimal
    updated_at: int | None = None
    source: str = ""


class Spent(BaseModel):
    """One counted movement of the ledger. ``at`` is None while its reservation is open: it then counts in every window.

    ``base_units`` of ``asset``, and ``usd`` at the price of its judgement, both rounded against us; ``counter`` says
    what it counts as. ``recipient`` where there is one. ``intent`` names the reservation, so that a re-judgement
    leaves its own out. ``chain_id`` says on which chain ``asset`` lies (None: the proposal's). ``standing``: an
    allowance left open, which counts whatever its age until it is consumed or revoked; ``recipient`` is then its
    spender.
    """

    model_config = ConfigDict(frozen=True)

    intent: str
    counter: Counter
    asset: Asset | None = None
    base_units: BaseUnits = 0
    usd: Decimal | None = None
    recipient: Address | None = None
    chain_id: int | None = None
    standing: bool = False
    at: datetime | None = None


class Simulated(BaseModel):
    """What eth_simulateV1 answered for the calls at ``block``: success, gas, and movements of assets of our account.

    ``outflows`` and ``inflows``: base units by asset, gross, of the account itself. ``allowances``: what is left
    afterwards, by ``token:spender``. ``failure``: the decoded reason where a call failed. ``positions``: tokens that
    only stand for a lending position of these calls; their mints and burns are no movements.
    """

    model_config = ConfigDict(frozen=True)

    succeeded: bool
    failure: str = ""
    failed_call: int | None = None
    gas_used: tuple[int, ...] = ()
    outflows: dict[Asset, BaseUnits] = {}
    inflows: dict[Asset, BaseUnits] = {}
    recipients: dict[str, BaseUnits] = {}
    allowances: dict[str, BaseUnits] = {}
    health_factor_after: Decimal | None = None
    positions: tuple[Address, ...] = ()


class Fees(BaseModel):
    """Worst-case gas of the transactions to be signed: gas limit and wei per gas."""

    model_config = ConfigDict(frozen=True)

    gas_limit: int
    max_fee_per_gas: BaseUnits

    @property
    def worst_wei(self) -> int:
        """Gas limit times maximum fee."""
        return self.gas_limit * self.max_fee_per_gas


class Facts(BaseModel):
    """The input of ``judge`` beside policy, book and proposal.

    ``at``: the guard's clock. ``static``: nothing was read from a chain; what needs it is unknown. ``stopped``: the
    kill switch is on. ``not_held``: what this judgement leaves out and reports as skipped (``policy check`` knows no
    gas and no portfolio); anywhere else a fact that a limit or breaker needs and that is missing denies.
    ``portfolio_peaks_usd``: the portfolio's highest worth within each breaker's window, by the breaker's id.
    ``code_hashes``: keccak-256 of the code found at each address (``implementations``: address behind a proxy).
    ``unpriced``: why an asset that has a feed has no price.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    static: bool = False
    stopped: bool = False
    not_held: tuple[Literal["gas", "breakers"], ...] = ()
    block: Block | None = None
    prices: dict[Asset, Price] = {}
    unpriced: dict[Asset, str] = {}
    balances: dict[Asset, BaseUnits] = {}
    allowances: dict[str, BaseUnits] = {}
    total_supplies: dict[Address, BaseUnits] = {}
    code_hashes: dict[Address, Hash32] = {}
    implementations: dict[Address, Address] = {}
    simulation: Simulated | None = None
    fees: Fees | None = None
    spent: tuple[Spent, ...] = ()
    portfolio_usd: Decimal | None = None
    portfolio_peaks_usd: dict[str, Decimal] = {}
    engine: str = ""
