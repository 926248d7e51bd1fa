"""What the arguments of the functions that we read are called in their sources; an ABI file of the book has its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ...wallets.call import selector
from ..book.abis import Parameter
from ..book.book import Book
from ..decode.draft.call_node import Argument
from ..decode.registry import ANYWHERE, BY_KIND

_PERMIT = ("owner", "spender", "value", "deadline", "v", "r", "s")
NAMES: dict[str, tuple[str, ...]] = {
    "transfer(address,uint256)": ("to", "amount"),
    "transferFrom(address,address,uint256)": ("from", "to", "amount"),
    "approve(address,uint256)": ("spender", "amount"),
    "increaseAllowance(address,uint256)": ("spender", "added"),
    "decreaseAllowance(address,uint256)": ("spender", "subtracted"),
    "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)": _PERMIT,
    "delegate(address)": ("delegatee",),
    "approveDelegation(address,uint256)": ("delegatee", "amount"),
    "setApprovalForAll(address,bool)": ("operator", "approved"),
    "safeTransferFrom(address,address,uint256)": ("from", "to", "tokenId"),
    "safeTransferFrom(address,address,uint256,bytes)": ("from", "to", "tokenId", "data"),
    "safeTransferFrom(address,address,uint256,uint256,bytes)": ("from", "to", "id", "amount", "data"),
    "withdraw(uint256)": ("amount",),
    "supply(address,uint256,address,uint16)": ("asset", "amount", "onBehalfOf", "referralCode"),
    "withdraw(address,uint256,address)": ("asset", "amount", "to"),
    "borrow(address,uint256,uint256,uint16,address)": (
        "asset",
        "amount",
        "interestRateMode",
        "referralCode",
        "onBehalfOf",
    ),
    "repay(address,uint256,uint256,address)": ("asset", "amount", "interestRateMode", "onBehalfOf"),
    "approve(address,address,uint160,uint48)": ("token", "spender", "amount", "expiration"),
    "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)": (
        "amountIn",
        "amountOutMin",
        "path",
        "to",
        "deadline",
    ),
    "multicall(bytes[])": ("data",),
    "multicall(uint256,bytes[])": ("deadline", "data"),
    "castVote(uint256,uint8)": ("proposalId", "support"),
    "transferOwnership(address)": ("newOwner",),
    "enableModule(address)": ("module",),
    "upgradeTo(address)": ("implementation",),
}
"""By signature: EIP-20, EIP-721, EIP-1155, EIP-2612, WETH9, Aave's IPool, Permit2, Uniswap's routers, OpenZeppelin."""


MEMBERS: dict[str, tuple[str, ...]] = {
    "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))": (
        "tokenIn",
        "tokenOut",
        "fee",
        "recipient",
        "amountIn",
        "amountOutMinimum",
        "sqrtPriceLimitX96",
    ),
    "exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))": (
        "tokenIn",
        "tokenOut",
        "fee",
        "recipient",
        "amountOut",
        "amountInMaximum",
        "sqrtPriceLimitX96",
    ),
    "exactInput((bytes,address,uint256,uint256))": ("path", "recipient", "amountIn", "amountOutMinimum"),
    "exactOutput((bytes,address,uint256,uint256))": ("path", "recipient", "amountOut", "amountInMaximum"),
}
"""Of functions whose one argument is a struct, what its members are called (v3-periphery, swap-router-contracts)."""


def named_arguments(
    book: Book, target: str, chain_id: int, signature: str, arguments: Sequence[Argument]
) -> tuple[tuple[str, Argument], ...]:
    """Each argument with its name, as the ABI file of its venue has it, or its type where nobody names it.

    A struct whose members have names is a dict.
    """
    parameters = _described(book, target, chain_id, signature) or _known(signature)
    found = []
    for position, argument in enumerate(arguments):
        parameter = parameters[position] if position < len(parameters) else Parameter("", argument.type)
        value = _with_members(argument.value, parameter)
        found.append((parameter.name or argument.type, Argument(argument.type, value)))
    return tuple(found)


def _known(signature: str) -> tuple[Parameter, ...]:
    members = MEMBERS.get(signature)
    if members is not None:
        return (Parameter("params", "tuple", tuple(Parameter(name, "") for name in members)),)
    return tuple(Parameter(name, "") for name in NAMES.get(signature, ()))


def _with_members(value: Any, parameter: Parameter) -> Any:
    names = [member.name for member in parameter.members]
    if not names or not all(names) or not isinstance(value, tuple):
        return value
    if parameter.type.endswith("]"):
        element = replace(parameter, type=parameter.type.rpartition("[")[0])
        return tuple(_with_members(item, element) for item in value)
    members = zip(parameter.members, value, strict=False)
    return {member.name: _with_members(item, member) for member, item in members}


def _described(book: Book, target: str, chain_id: int, signature: str) -> tuple[Parameter, ...]:
    venue = book.venue(target, chain_id)
    if venue is None or venue.abi is None or venue.abi not in book.abis:
        return ()
    described = book.abis[venue.abi].functions.get(selector(signature))
    return () if described is None or described.signature != signature else described.parameters


def likely_signature(called: bytes) -> str | None:
    """A function with this selector among those that we read elsewhere: a guess, since anybody may choose a name."""
    return _by_selector().get(called)


@lru_cache(maxsize=1)
def _by_selector() -> dict[bytes, str]:
    functions = (*ANYWHERE, *(function for table in BY_KIND.values() for function in table))
    return {selector(function.signature): function.signature for function in functions}
