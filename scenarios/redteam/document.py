"""The files of the attack library: what an attacker who owns the agent proposes, and what a treasurer does all day.

Values are written as people say them: ``alice`` (a label of the book or of a stranger), ``100 usdc`` (base units),
``max`` (2^256 - 1), ``2^96-1``, ``now+1h`` (Unix seconds), ``{all: usdc}`` (what the treasury holds), ``{call: {..}}``
(calldata), ``{path: [usdc, 500, weth]}`` (a Uniswap v3 path), ``{abi: {types: [..], values: [..]}}`` (ABI encoding),
``{bytes: [..]}`` (parts one after the other), lists for arrays and tuples.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from ...policies.documents.duration import Seconds
from ...policies.documents.yaml_document import Written
from ...policies.effect import Kind
from ...policies.verdict import Decision

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_ .,$'+-]{0,99}$")]

Form = Literal[
    "plain",
    "hidden",
    "router-multicall",
    "multicall3",
    "multisend",
    "safe",
    "safe-multisend",
    "execute",
    "execute-batch",
    "erc7579",
    "entry-point",
    "safe-tx",
    "user-operation",
]
"""How the calls are wrapped: as they are, behind a harmless payment, inside each wrapper, or as typed data."""


ALL_FORMS: tuple[Form, ...] = tuple(form for form in get_args(Form) if form != "router-multicall")
"""``forms: all``; the router's multicall runs the router's own functions alone."""


def _forms(value: Any) -> Any:
    return ALL_FORMS if value == "all" else value


class RawCall(Written):
    """One call: ``to`` a label or address (absent: a contract is created), its function and arguments, or ``data``."""

    to: str | None = None
    function: str | None = None
    arguments: tuple[Any, ...] = ()
    value: Any = 0
    data: str | None = None
    delegate: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> RawCall:
        if self.function is not None and self.data is not None:
            raise ValueError("a call has a function or data, not both")
        return self


class RawTypedData(Written):
    """An eth_signTypedData_v4 object; values in ``domain`` and ``message`` as above. EIP712Domain may be left out."""

    primary: str
    types: dict[str, str]
    domain: dict[str, Any]
    message: dict[str, Any]


class RawClaim(Written):
    """What the tool is made to say."""

    kind: Kind
    asset: str | None = None
    amount: Any = None
    to: str | None = None


class RawProposal(Written):
    """One proposal to the guard. ``provenance``: labels by address, as the agent says. ``key``: proposals with one key
    have one intent. ``wait``: time that passes before it.
    """

    calls: tuple[RawCall, ...] = ()
    typed_data: RawTypedData | None = None
    authorizations: tuple[dict[str, Any], ...] = ()
    message: str | None = None
    raw_hash: str | None = None
    claims: tuple[RawClaim, ...] = ()
    provenance: dict[str, Literal["operator", "user", "chain", "untrusted"]] = Field(default={})
    chain_id: int | None = None
    account: str | None = None
    expires: int = 3600
    key: str | None = None
    wait: Seconds = 0
    times: Annotated[int, Field(ge=1, le=256)] = 1
    concurrent: bool = False


class WorldStep(Written):
    """What is so before: a strange token, a contract of the attacker's, a price, a name that now points elsewhere."""

    airdrop: dict[str, Any] | None = None
    deploy: dict[str, Any] | None = None
    price: dict[str, Any] | None = None
    stale: Seconds | None = None
    ens: dict[str, str] | None = None
    send: RawCall | None = None
    as_: str | None = Field(default=None, alias="as")
    fund: dict[str, str] | None = None
    lend: dict[str, str] | None = None


class AttackExpect(Written):
    """``denied``: no proposal may pass. ``at_most_usd``: what is let through is worth no more. ``then``: proposals
    after it that must still pass (the attack spends nobody's budget). ``by_guard``: the guard's own rules may be what
    stops it.
    """

    at_most_usd: Annotated[int, Field(ge=0)] = 0
    by_guard: bool = False
    then: tuple[RawProposal, ...] = ()


class Variant(Written):
    """One attack in several forms. ``calls`` is short for one proposal; ``after``: what the attacker does once it was
    let through, to count what is lost.
    """

    name: Name
    forms: Annotated[tuple[Form, ...], BeforeValidator(_forms)] = ("plain",)
    calls: tuple[RawCall, ...] = ()
    proposals: tuple[RawProposal, ...] = ()
    world: tuple[WorldStep, ...] = ()
    after: tuple[RawCall, ...] = ()
    expect: AttackExpect = AttackExpect()

    @model_validator(mode="after")
    def _one_way(self) -> Variant:
        if bool(self.calls) == bool(self.proposals):
            raise ValueError("a variant has either calls or proposals")
        if self.proposals and self.forms != ("plain",):
            raise ValueError("forms wrap calls: a variant of proposals has none")
        return self


class AttackFile(Written):
    """One kind of attack."""

    version: Literal[1]
    kind: Name
    about: str
    source: str = ""
    world: tuple[WorldStep, ...] = ()
    variants: tuple[Variant, ...]


class BenignCase(Written):
    """A treasurer's transaction; ``each``: one case for each value of ``$x`` in its texts."""

    name: Name
    calls: tuple[RawCall, ...]
    claims: tuple[RawClaim, ...] = ()
    world: tuple[WorldStep, ...] = ()
    provenance: dict[str, Literal["operator", "user", "chain", "untrusted"]] = Field(default={})
    each: tuple[Any, ...] = ()
    expect: Decision | None = None


class BenignFile(Written):
    """One family of daily work."""

    version: Literal[1]
    family: Name
    about: str
    world: tuple[WorldStep, ...] = ()
    cases: tuple[BenignCase, ...]
