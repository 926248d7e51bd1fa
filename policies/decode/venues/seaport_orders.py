"""Seaport orders (1.5 and 1.6; contracts/lib/ConsiderationStructs.sol, GettersAndDerivers.sol): what is offered leaves.

Whoever fulfils an order takes all that is offered and owes exactly the consideration, both between their start and end
amounts by the time of day. One fungible token for one fungible thing that the account gets is a swap; of any other
order nobody can say here what it is worth, so what it offers goes to nobody known.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from ....wallets.values import NATIVE, ZERO_ADDRESS
from ...effect import Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct, require_account, require_kind

ITEM = "(uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount"
COMPONENTS = (
    "OrderComponents(address offerer,address zone,OfferItem[] offer,ConsiderationItem[] consideration,uint8 orderType,"
    "uint256 startTime,uint256 endTime,bytes32 zoneHash,uint256 salt,bytes32 conduitKey,uint256 counter)"
)
ITEMS = f"ConsiderationItem{ITEM},address recipient)OfferItem{ITEM})"
TALLEST_TREE = 24
"""Heights that Seaport has type hashes for (TypehashDirectory.sol)."""
MOST_ORDERS = 32
"""Orders of one bulk signature that are read; more are for no person to see through."""


class Item(IntEnum):
    """Seaport's ItemType."""

    NATIVE = 0
    ERC20 = 1
    ERC721 = 2
    ERC1155 = 3
    ERC721_WITH_CRITERIA = 4
    ERC1155_WITH_CRITERIA = 5


LAST_PLAIN_ORDER = 3
"""OrderType PARTIAL_RESTRICTED; a CONTRACT order (4) has its offerer's code choose the items."""


def _order(draft: Draft, signed: Signed) -> None:
    _decode(draft, signed, signed.message)


def _bulk(draft: Draft, signed: Signed) -> None:
    """Each order of the tree can be fulfilled with the one signature; all-zero orders only fill the tree up."""
    leaves = _leaves(signed.message["tree"])
    orders = [order for order in leaves if order["offer"] or order["offerer"] != ZERO_ADDRESS]
    if not orders or len(orders) > MOST_ORDERS:
        words = f"what {len(orders)} orders under one signature do: from 1 to {MOST_ORDERS} are read"
        draft.unknown(words, target=signed.contract)
        return
    for order in orders:
        _decode(draft, signed, order)


def _leaves(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, tuple):
        for branch in tree:
            yield from _leaves(branch)
    else:
        yield tree


def _decode(draft: Draft, signed: Signed, order: dict[str, Any]) -> None:
    before = len(draft.effects)
    if not _swap(draft, signed, order):
        for item in order["offer"]:
            _given_away(draft, signed, order, item)
    if len(draft.effects) == before:
        draft.unknown("what an order that offers nothing is for", target=signed.contract)
        return
    require_account(draft, signed, before, order["offerer"])
    require_kind(draft, signed.contract, before, "seaport")
    if order["orderType"] > LAST_PLAIN_ORDER:
        words = f"what an order of type {order['orderType']} does: a contract chooses its items"
        draft.unknown(words, target=signed.contract, beside=before)


def _swap(draft: Draft, signed: Signed, order: dict[str, Any]) -> bool:
    """One ERC-20 for one fungible thing to the account, of which something comes whatever the time."""
    if len(order["offer"]) != 1 or len(order["consideration"]) != 1:
        return False
    (sold,), (bought,) = order["offer"], order["consideration"]
    minimum = min(bought["startAmount"], bought["endAmount"])
    if sold["itemType"] != Item.ERC20 or not _is_fungible(sold) or not _is_fungible(bought):
        return False
    if bought["recipient"] != draft.account or minimum == 0:
        return False
    asset, amount = sold["token"], max(sold["startAmount"], sold["endAmount"])
    index = draft.add(
        Kind.SWAP,
        target=signed.contract,
        asset=asset,
        amount=amount,
        exact=False,
        bought=_asset(bought),
        bought_minimum=minimum,
        counterparty=draft.account,
        deadline=order["endTime"],
        note="a Seaport order",
    )
    draft.require_registered(None, index, asset, _asset(bought))
    return True


def _is_fungible(item: dict[str, Any]) -> bool:
    """Seaport demands no identifier of either, and of native coin no token."""
    if item["identifierOrCriteria"]:
        return False
    return bool(item["itemType"] == Item.ERC20 or (item["itemType"] == Item.NATIVE and item["token"] == ZERO_ADDRESS))


def _asset(item: dict[str, Any]) -> str:
    return NATIVE if item["itemType"] == Item.NATIVE else str(item["token"])


def _given_away(draft: Draft, signed: Signed, order: dict[str, Any], item: dict[str, Any]) -> None:
    fungible = item["itemType"] in (Item.NATIVE, Item.ERC20)
    amount = max(item["startAmount"], item["endAmount"])
    index = draft.add(
        Kind.TRANSFER if fungible else Kind.NFT_TRANSFER,
        target=signed.contract,
        asset=_asset(item),
        amount=amount if fungible else None,
        exact=False,
        token_ids=(item["identifierOrCriteria"],) if item["itemType"] in (Item.ERC721, Item.ERC1155) else (),
        deadline=order["endTime"],
        note="offered in a Seaport order" + ("" if fungible else f", token {item['identifierOrCriteria']} x {amount}"),
    )
    words = f"who gets the {_asset(item)} that the order offers, and for what: whoever fulfils it"
    draft.unknown(words, target=signed.contract, asset=_asset(item), beside=index)


SEAPORT_ORDERS = (
    SignedStruct(f"{COMPONENTS}{ITEMS}", _order),
    *(
        SignedStruct(f"BulkOrder(OrderComponents{'[2]' * height} tree){ITEMS}{COMPONENTS}", _bulk)
        for height in range(1, TALLEST_TREE + 1)
    ),
)
