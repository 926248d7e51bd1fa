"""What the arguments of the functions that we read are called in their sources; an ABI file of the book has its own."""

from __future__ import annotations

from functools import lru_cache

from ...wallets.call import selector
from ..decode.registry import ANYWHERE, BY_KIND
from ..language.abis import Parameter
from ..language.book import Book

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


def argument_names(book: Book, target: str, chain_id: int, signature: str) -> tuple[str, ...]:
    """The names of a function's arguments, as the ABI file of its venue has them; empty where nobody names them."""
    described = _described(book, target, chain_id, signature)
    names = tuple(parameter.name for parameter in described)
    return names if any(names) else NAMES.get(signature, ())


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
