"""Tool: an async function that an agent may call, with what the planner must know of it; ToolCall; Context.

    @tool(effect="propose")
    async def donate(ctx: Context, to: Payee, amount: Amount) -> Proposal:
        \"\"\"Donate to a payee.\"\"\"       # the line in the prompt

The first parameter is the Context, each further one is annotated with a slot (`slots.py`), optional where it defaults
to None. ``says`` lists the sentences that the parser takes: words, ``(one|other)``, ``[optional]``, ``{parameter}``.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict

from .errors import InvalidArgument, InvalidTool
from .handles import Handles, Token
from .slots import SLOTS, Basis, check, resolve

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from ..policies.proposal import Claim, Proposal
    from ..wallets.call import Call
    from ..wallets.registry import Registry

ToolKind = Literal["read", "propose", "control"]
"""``read`` reads the chain, ``propose`` returns a Proposal, ``control`` steers the run (answer, ask, refuse)."""
Topic = Literal["pay", "swap", "rebalance", "lend", "answer", "other"]
"""What the planner routes a request to first; tools of people's own are ``other``."""


class ToolCall(BaseModel):
    """A tool's name and its arguments as texts: what the planner decided, before code resolves it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    arguments: dict[str, str] = {}

    def __hash__(self) -> int:
        return hash((self.tool, tuple(sorted(self.arguments.items()))))

    def __str__(self) -> str:
        return " ".join([self.tool, *(f"{name}={text!r}" for name, text in self.arguments.items())])


class Chain(Protocol):
    """The agent's own reads; the guard trusts none of them."""

    @property
    def chain_id(self) -> int: ...

    async def read(self, to: str, signature: str, *arguments: Any, returns: Sequence[str]) -> tuple[Any, ...]:
        """The decoded answer of a view function at the newest block. Raises wallets' ChainError."""
        ...

    async def balance(self, asset: str, holder: str) -> int:
        """Base units of a token, or of ``native``."""
        ...


class Context(Protocol):
    """What a tool's function receives: names, reads, and the way to a Proposal. It holds no key and signs nothing."""

    @property
    def account(self) -> str:
        """The account's address."""
        ...

    @property
    def book(self) -> Mapping[str, str]:
        """Address by label, over all sections of the book."""
        ...

    @property
    def handles(self) -> Handles:
        """Payees, tokens and venues by label."""
        ...

    @property
    def chain(self) -> Chain:
        """Reads at the newest block."""
        ...

    @property
    def registry(self) -> Registry:
        """The chain's protocols, with the contracts around each venue; it authorizes nothing."""
        ...

    @property
    def now(self) -> datetime:
        """The guard's time: deadlines are counted from here."""
        ...

    @property
    def slippage_bps(self) -> int:
        """How much worse than the oracle a swap may guarantee to be; a little less than the policy lets it be."""
        ...

    async def holding(self, token: Token, basis: Basis) -> int:
        """Base units that the account holds, has supplied, or owes."""
        ...

    async def price(self, token: Token) -> Decimal:
        """USD for one whole unit, by the feed that the book names. Raises NoPrice where it is missing or stale."""
        ...

    def gas_reserve(self, calls: int) -> int:
        """Wei to keep for the gas of so many calls."""
        ...

    def propose(self, calls: Sequence[Call], *, claims: Sequence[Claim] = (), purpose: str = "") -> Proposal:
        """A complete Proposal of this step: key, expiry, fee ceiling and provenance are the context's to fill in.

        A ``propose`` tool that finds nothing to do returns None instead.
        """
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its slot, what shares are taken of, and whether it must be given."""

    name: str
    slot: type
    basis: Basis = Basis.BALANCE
    required: bool = True


@dataclass(frozen=True, slots=True)
class Tool:
    """A function with its name, effect, line for the prompt, parameters, topic and sentences."""

    name: str
    effect: ToolKind
    line: str
    parameters: tuple[Parameter, ...]
    topic: Topic
    says: tuple[str, ...]
    function: Callable[..., Awaitable[Any]]

    def __call__(self, *arguments: Any, **named: Any) -> Awaitable[Any]:
        """The function itself, for values that are resolved already."""
        return self.function(*arguments, **named)

    def call(self, **arguments: str) -> ToolCall:
        """A scripted call, as in ``donate.call(to="alice", amount="5 usdc")``. Raises InvalidArgument."""
        known = {parameter.name for parameter in self.parameters}
        for name in arguments:
            if name not in known:
                raise InvalidArgument(f"{self.name} takes {', '.join(sorted(known)) or 'no argument'}, not {name!r}")
        for parameter in self.parameters:
            if parameter.required and parameter.name not in arguments:
                raise InvalidArgument(f"{self.name} lacks {parameter.name!r}, a {parameter.slot.__name__}")
        ordered = {p.name: arguments[p.name] for p in self.parameters if p.name in arguments}
        return ToolCall(tool=self.name, arguments=ordered)

    def checked(self, call: ToolCall, handles: Handles) -> ToolCall:
        """The call with every argument in canonical form. Raises InvalidArgument or UnknownHandle."""
        complete = self.call(**call.arguments)
        texts = complete.arguments
        return ToolCall(
            tool=self.name,
            arguments={p.name: check(p.slot, texts[p.name], handles) for p in self.parameters if p.name in texts},
        )

    async def run(self, ctx: Context, call: ToolCall) -> Any:
        """Resolve the arguments and run the function: a Proposal of a ``propose`` tool, facts of a ``read`` tool."""
        texts = self.checked(call, ctx.handles).arguments
        values = {
            p.name: await resolve(p.slot, texts[p.name], ctx.handles, ctx.holding, p.basis)
            for p in self.parameters
            if p.name in texts
        }
        return await self.function(ctx, **values)


def tool(
    *, effect: ToolKind, topic: Topic | None = None, says: Sequence[str] = (), name: str | None = None
) -> Callable[[Callable[..., Awaitable[Any]]], Tool]:
    """Make a tool of an async function. Raises InvalidTool where the planner could not offer it."""

    def make(function: Callable[..., Awaitable[Any]]) -> Tool:
        named = name or function.__name__
        if not inspect.iscoroutinefunction(function):
            raise InvalidTool(f"{named} must be an async function: write async def")
        lines = (inspect.getdoc(function) or "").splitlines()
        if not lines or not lines[0].strip():
            raise InvalidTool(f"{named} needs a docstring: its first line is the tool's line in the prompt")
        parameters = _parameters(named, function)
        sentences = tuple(says) or (_plain_sentence(named, parameters),)
        default: Topic = "answer" if effect == "read" else "other"
        return Tool(named, effect, lines[0].strip(), parameters, topic or default, sentences, function)

    return make


def _parameters(named: str, function: Callable[..., Any]) -> tuple[Parameter, ...]:
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise InvalidTool(f"{named}: {error}; import the slots where the module can see them") from error
    declared = list(inspect.signature(function).parameters.values())
    if not declared:
        raise InvalidTool(f"{named} needs the Context as its first parameter")
    return tuple(_parameter(named, parameter, hints.get(parameter.name)) for parameter in declared[1:])


def _parameter(named: str, declared: inspect.Parameter, hint: Any) -> Parameter:
    basis = Basis.BALANCE
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        basis = next((extra for extra in extras if isinstance(extra, Basis)), basis)
    if get_origin(hint) in (Union, UnionType):
        inner = [option for option in get_args(hint) if option is not NoneType]
        hint = inner[0] if len(inner) == 1 else None
        if get_origin(hint) is Annotated:
            hint, *extras = get_args(hint)
            basis = next((extra for extra in extras if isinstance(extra, Basis)), basis)
    if hint not in SLOTS:
        known = ", ".join(slot.__name__ for slot in SLOTS)
        raise InvalidTool(f"{named}: the parameter {declared.name!r} must be annotated with one of {known}")
    return Parameter(declared.name, hint, basis, required=declared.default is inspect.Parameter.empty)


def _plain_sentence(named: str, parameters: tuple[Parameter, ...]) -> str:
    """``donate {amount} to {to}``: the tool's name, its amounts first, then each other parameter after its own word."""
    words = [named.replace("_", " ")]
    rest = [parameter for parameter in parameters if parameter.required]
    words += [f"{{{p.name}}}" for p in rest if p.slot.__name__ == "Amount"]
    words += [f"{p.name} {{{p.name}}}" for p in rest if p.slot.__name__ != "Amount"]
    return " ".join(words)
