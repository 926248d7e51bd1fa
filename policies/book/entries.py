"""The entries of a book: tokens, venues, people, and the plain ones that payees and sections of one's own hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ...wallets.values import NATIVE, Address, Asset, Hash32
from ..documents.duration import Seconds
from ..documents.numbers import Number
from ..documents.yaml_document import Fault, Written, located
from .contract_kinds import TokenKind, VenueKind
from .declared import Declaration, check_signature, selectors

RESERVED_LABELS = frozenset({"self", NATIVE, "usd"})
"""Words of the policy language: no entry may be called so."""
NO_LABEL = "a label is letters, digits and any of _ . + - without spaces, a letter first, at most 64 characters"
SHORTEST_TWAP_SECONDS, LONGEST_TWAP_SECONDS = 60, 604_800
LABEL = r"[A-Za-z][A-Za-z0-9_.+-]{0,63}"


def one_or_more_chains(value: Any) -> Any:
    """A single chain as the list of it that it stands for."""
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Chains = Annotated[
    tuple[Annotated[int, Field(ge=1, strict=True)], ...], BeforeValidator(one_or_more_chains), Field(min_length=1)
]


class Entry(Written):
    """An address with the chains on which it is what its label says. ``ens``: the name that resolved to it when it was
    signed, and must when it is used.
    """

    label: Annotated[str, Field(pattern=f"^{LABEL}$")]
    address: Address
    chains: Chains
    ens: str | None = None
    note: str = ""
    code_hash: Hash32 | None = None


class TokenEntry(Written):
    """A token: ``decimals``, its price ``feed`` with the ``heartbeat`` after which it is stale, ``kind`` (``weth9``
    ..), whether it has EIP-2612 ``permit``. ``pool``: a Uniswap v3 pool whose price over ``twap`` may be at most
    ``max_gap_bps`` away from the feed's. ``min_usd`` and ``max_usd`` bound what the feed may answer; without a pool
    ``max_move_bps`` bounds how far an answer may be from the one before it.
    """

    label: Annotated[str, Field(pattern=f"^{LABEL}$")]
    address: Asset
    chains: Chains
    decimals: Annotated[int, Field(ge=0, le=77, strict=True)]
    kind: TokenKind = "erc20"
    feed: Address | None = None
    heartbeat: Seconds | None = None
    pool: Address | None = None
    twap: Seconds | None = None
    max_gap_bps: Annotated[int, Field(gt=0, le=10_000, strict=True)] | None = None
    min_usd: Annotated[Number, Field(gt=0)] | None = None
    max_usd: Annotated[Number, Field(gt=0)] | None = None
    max_move_bps: Annotated[int, Field(gt=0, le=10_000, strict=True)] | None = None
    permit: bool | None = None
    code_hash: Hash32 | None = None
    implementation: Address | None = None
    implementation_hash: Hash32 | None = None
    note: str = ""

    @model_validator(mode="after")
    def _holds_its_feed(self) -> Self:
        """What holds a feed to something needs the feed, and a pool all of its terms."""
        faults: list[Fault] = []
        holding = {"pool": self.pool, "min_usd": self.min_usd, "max_usd": self.max_usd}
        for key, value in {**holding, "max_move_bps": self.max_move_bps}.items():
            if value is not None and self.feed is None:
                faults.append(((key,), f"{key} is held against a feed: give {self.label} its feed and heartbeat"))
        for key, value in {"twap": self.twap, "max_gap_bps": self.max_gap_bps}.items():
            if self.pool is not None and value is None:
                faults.append((("pool",), f"a pool needs {key}: write pool, twap: 30m and max_gap_bps: 200"))
            if self.pool is None and value is not None:
                faults.append(((key,), f"{key} belongs to a pool: give {self.label} its pool, or leave it out"))
        if self.twap is not None and not SHORTEST_TWAP_SECONDS <= self.twap <= LONGEST_TWAP_SECONDS:
            faults.append((("twap",), "a time-weighted price is over 1m to 7d: under a minute one trade makes it"))
        if self.pool is not None and self.max_move_bps is not None:
            faults.append((("max_move_bps",), "with a pool, that says whether a move is real: leave max_move_bps out"))
        if self.min_usd is not None and self.max_usd is not None and self.min_usd > self.max_usd:
            faults.append((("min_usd",), "min_usd is above max_usd: no answer would be a price"))
        if faults:
            raise located(faults)
        return self


class VenueEntry(Entry):
    """A contract whose functions are known by its ``kind``; one of kind ``own`` declares them.

    ``code_hash`` (and a proxy's implementation) is pinned. ``asset``: the label of the token that a vault takes.
    ``abi``: the name of a file in ``abis/`` that describes its functions. Of a contract account ``owners``,
    ``threshold``, ``modules``, ``guard`` and ``fallback_handler`` are what it must say of itself.
    """

    kind: VenueKind
    implementation: Address | None = None
    implementation_hash: Hash32 | None = None
    asset: str | None = None
    functions: dict[str, Declaration] = Field(default={})
    abi: str | None = None
    owners: tuple[Address, ...] | None = None
    threshold: Annotated[int, Field(ge=1, strict=True)] | None = None
    modules: tuple[Address, ...] | None = None
    guard: Address | None = None
    fallback_handler: Address | None = None

    @model_validator(mode="after")
    def _readable_functions(self) -> Self:
        faults: list[Fault] = []
        for signature, declaration in self.functions.items():
            fault = check_signature(signature, declaration)
            if fault is not None:
                faults.append((("functions", signature), fault))
        if not faults and len(selectors(self.functions)) < len(self.functions):
            faults.append((("functions",), "two of these functions have one selector"))
        if faults:
            raise located(faults)
        return self


class PersonEntry(Written):
    """A person's own address, and what that person may do."""

    label: Annotated[str, Field(pattern=f"^{LABEL}$")]
    address: Address
    may: tuple[Literal["approve", "stop", "resume"], ...] = ()
    note: str = ""


AnyEntry = Entry | TokenEntry | VenueEntry | PersonEntry
