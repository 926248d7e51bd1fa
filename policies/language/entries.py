"""The entries of a book: tokens, venues, people, and the plain ones that payees and sections of one's own hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ...wallets.values import NATIVE, Address, Asset, Hash32
from .declared import Declaration, check_signature, selectors
from .documents import Fault, Written, located
from .duration import Seconds

RESERVED_LABELS = frozenset({"self", NATIVE, "usd"})
"""Words of the policy language: no entry may be called so."""
NO_LABEL = "a label is letters, digits and any of _ . + - without spaces, a letter first, at most 64 characters"
LABEL = r"[A-Za-z][A-Za-z0-9_.+-]{0,63}"


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Chains = Annotated[
    tuple[Annotated[int, Field(ge=1, strict=True)], ...], BeforeValidator(_one_or_more), Field(min_length=1)
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
    ``max_gap_bps`` away from the feed's.
    """

    label: Annotated[str, Field(pattern=f"^{LABEL}$")]
    address: Asset
    chains: Chains
    decimals: Annotated[int, Field(ge=0, le=77, strict=True)]
    kind: str = "erc20"
    feed: Address | None = None
    heartbeat: Seconds | None = None
    pool: Address | None = None
    twap: Seconds | None = None
    max_gap_bps: Annotated[int, Field(gt=0, le=10_000, strict=True)] | None = None
    permit: bool | None = None
    code_hash: Hash32 | None = None
    implementation: Address | None = None
    implementation_hash: Hash32 | None = None
    note: str = ""


class VenueEntry(Entry):
    """A contract whose functions are known by its ``kind``, or declared in ``functions`` by their signatures.

    ``code_hash`` (and a proxy's implementation) is pinned. ``abi``: the name of a file in ``abis/`` that describes its
    functions. Of a contract account ``owners``, ``threshold``, ``modules``, ``guard`` and ``fallback_handler`` are
    what it must say of itself.
    """

    kind: str
    implementation: Address | None = None
    implementation_hash: Hash32 | None = None
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
