"""Facts: everything outside the proposal that a judgement uses. The log records them whole, so that a stranger can
judge again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from ..wallets.values import Address, Asset, BaseUnits, Hash32

Counter = Literal["outflow", "turnover", "borrow", "gas", "count"]
EVERY_RULE = "*"
"""Stands in ``Spent.rules`` where it is not known which rules let a movement through: it counts for each of them."""


def allowance_key(token: str, spender: str, keeper: str | None = None) -> str:
    """How allowances are keyed: ``token:spender``, and ``token:spender:keeper`` where Permit2 keeps it, not the token.

    What a debt token lets somebody borrow is keyed as its allowances are.
    """
    return f"{token}:{spender}" if keeper in {None, token} else f"{token}:{spender}:{keeper}"


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
    leaves its own out. ``rules``: ids of the rules that let it through. ``chain_id`` says on which chain ``asset``
    lies (None: the proposal's). ``standing``: an allowance left open, which counts whatever its age until it is
    consumed or revoked; ``recipient`` is then its spender, and ``keeper`` the contract that keeps it where that is not
    the token itself (Permit2).
    """

    model_config = ConfigDict(frozen=True)

    intent: str
    counter: Counter
    asset: Asset | None = None
    base_units: BaseUnits = 0
    usd: Decimal | None = None
    recipient: Address | None = None
    chain_id: int | None = None
    rules: tuple[str, ...] = ()
    standing: bool = False
    keeper: Address | None = None
    at: datetime | None = None


class Movements(tuple[Spent, ...]):
    """Rows of a ledger by themselves, and the same rows summed, for whoever only adds them up."""

    sums: tuple[Spent, ...]

    def __new__(cls, rows: Iterable[Spent], sums: tuple[Spent, ...]) -> Self:
        """``sums`` has the same total as ``rows`` in every window of the policy, to the same recipient, by rule."""
        made = super().__new__(cls, rows)
        made.sums = sums
        return made


class ContractAccount(BaseModel):
    """What a contract account (a Safe, say) says of itself: its ``singleton``, who may act for it, and what it runs.

    Addresses are lower case; ``guard`` and ``fallback_handler`` are None where the slot is empty. ``singleton``: the
    contract whose code it runs, of a delegated plain account (EIP-7702) the delegate. ``entry_point``: ERC-4337's,
    which may make it act for whoever its owner signed for.
    """

    model_config = ConfigDict(frozen=True)

    singleton: Address | None = None
    owners: tuple[Address, ...] = ()
    threshold: int = 0
    modules: tuple[Address, ...] = ()
    guard: Address | None = None
    fallback_handler: Address | None = None
    entry_point: Address | None = None


class Simulated(BaseModel):
    """What a simulator answered for the calls at ``block``: success, gas, and movements of assets of our account.

    ``outflows`` and ``inflows``: base units by asset, gross, of the account itself. ``allowances``: what is left
    afterwards, by ``allowance_key``. ``failure``: the decoded reason where a call failed. ``positions``: tokens that
    only stand for a lending position of these calls; their mints and burns are no movements. ``by``: the method that
    simulated. ``contract_accounts``: what contract accounts of the book say of themselves after the calls.
    ``implementations``: address behind a proxy after the calls. ``handed_over``: by ``contract:event``, to whom an
    event said that authority over a contract went.

    Where a target's code is not pinned, all of this is the worse of two simulations under different conditions:
    ``again_by`` is the method of the second, ``least_recipients`` and ``least_allowances`` the lesser of the two, and
    ``unexplained`` the ``contract:slot`` that the calls write in tokens and accounts of ours and that nothing explains.
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
    by: str = ""
    contract_accounts: dict[Address, ContractAccount] = {}
    implementations: dict[Address, Address] = {}
    handed_over: dict[str, str] = {}
    again_by: str = ""
    least_recipients: dict[str, BaseUnits] = {}
    least_allowances: dict[str, BaseUnits] = {}
    unexplained: tuple[str, ...] = ()


class Fees(BaseModel):
    """Worst-case gas of the transactions to be signed: gas limit and wei per gas."""

    model_config = ConfigDict(frozen=True)

    gas_limit: int
    max_fee_per_gas: BaseUnits

    @property
    def worst_wei(self) -> int:
        """Gas limit times maximum fee."""
        return self.gas_limit * self.max_fee_per_gas


class PluginAnswer(BaseModel):
    """What a policy plug-in said of each effect, in order, and why; ``failed`` where it gave no usable answer."""

    model_config = ConfigDict(frozen=True)

    holds: tuple[bool, ...] = ()
    why: tuple[str, ...] = ()
    failed: str = ""


class Facts(BaseModel):
    """The input of ``judge`` beside policy, book and proposal.

    ``at``: the guard's clock. ``static``: nothing was read from a chain; what needs it is unknown. ``stopped``: the
    kill switch is on. ``not_held``: what this judgement leaves out and reports as skipped (``policy check`` knows no
    gas and no portfolio); anywhere else a fact that a limit or breaker needs and that is missing denies.
    ``portfolio_peaks_usd``: the portfolio's highest worth within each breaker's window, by the breaker's id.
    ``code_hashes``: keccak-256 of the code found at each address (``implementations``: address behind a proxy).
    ``unpriced``: why an asset that has a feed has no price. ``oracle_gaps_bps``: how far its feed and its pool's
    time-weighted price are apart. ``code_since``: Unix seconds at which the code that is there now was there already.
    ``contract_accounts``: what contract accounts of the book say of themselves. ``ens``: what a name resolves to now,
    None where nothing. ``known_since``: Unix seconds since when the signed book has had an address. ``peers``:
    addresses that the account dealt with lately. ``asker``: the person who asked for this Run, ``authors``: the people
    who signed the policy in force, as labels of the book. ``denials_in_row``: of proposals before this one;
    ``drift_bps``: the worst difference between simulated and actual outcome of late. ``plugins``: answers by plug-in.
    A field that is None, or lacks a key, is not known.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    static: bool = False
    stopped: bool = False
    not_held: tuple[Literal["gas", "breakers", "timelock"], ...] = ()
    block: Block | None = None
    prices: dict[Asset, Price] = {}
    unpriced: dict[Asset, str] = {}
    balances: dict[Asset, BaseUnits] = {}
    allowances: dict[str, BaseUnits] = {}
    total_supplies: dict[Address, BaseUnits] = {}
    code_hashes: dict[Address, Hash32] = {}
    implementations: dict[Address, Address] = {}
    oracle_gaps_bps: dict[Asset, Decimal] = {}
    code_since: dict[Address, int] = {}
    contract_accounts: dict[Address, ContractAccount] = {}
    ens: dict[str, Address | None] = {}
    known_since: dict[Address, int] = {}
    peers: tuple[Address, ...] | None = None
    asker: str | None = None
    authors: tuple[str, ...] | None = None
    denials_in_row: int | None = None
    drift_bps: Decimal | None = None
    plugins: dict[str, PluginAnswer] = {}
    simulation: Simulated | None = None
    fees: Fees | None = None
    spent: tuple[Spent, ...] = ()
    portfolio_usd: Decimal | None = None
    portfolio_peaks_usd: dict[str, Decimal] = {}
    engine: str = ""
