"""Owners: who may sign a bot's policy, take it live and resume it; pinned at ``init``, changed by an owner's order.

Guard and signer each pin the owners in a folder of their own. ``owners.sig`` in the bot's folder holds the orders that
changed them since, oldest first: each is signed by an owner of the version before it, so that whoever has an older pin
follows them, and whoever has a newer one passes over them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ...wallets.errors import InvalidValue, TreasurerError
from ...wallets.orders import MAX_OWNERS, OrderRefused, OwnersOrder, signer_of
from ...wallets.values import Address
from .configuration import Configuration
from .folder import BotFolder
from .signed import Signed, write_whole

_SIGNED = TypeAdapter(list[Signed])


class Owners(BaseModel):
    """The owners' addresses from a version on; those of ``init`` are version 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 0
    owners: tuple[Address, ...]


@dataclass(frozen=True)
class OwnersChange:
    """One change of the owners that was checked: the order, who signed it, and its signature."""

    order: OwnersOrder
    by: str
    signature: bytes

    @property
    def owners(self) -> Owners:
        """The owners from here on."""
        return Owners(version=self.order.version, owners=self.order.owners)


def pinned_owners(path: Path) -> Owners:
    """The owners as one process pinned them. Raises TreasurerError."""
    try:
        return Owners.model_validate_json(path.read_text())
    except (OSError, ValueError) as error:
        raise TreasurerError(f"{path} does not list the bot's owners", next_command="treasurer init DIR") from error


def pin_owners(path: Path, owners: Owners) -> None:
    """Keep the owners in a process's own folder."""
    write_whole(path, owners.model_dump_json() + "\n", private=True)


def changes_since(pinned: Owners, folder: BotFolder, configuration: Configuration) -> list[OwnersChange]:
    """What ``owners.sig`` changed since ``pinned``, oldest first. Raises OrderRefused where one does not
    follow.
    """
    found: list[OwnersChange] = []
    now = pinned
    for signed in read_changes(folder):
        order = _order(signed, folder.owners_orders)
        if order.version <= now.version:
            continue
        if (order.chain_id, order.account) != (configuration.chain.id, configuration.wallet.address):
            raise OrderRefused(f"{folder.owners_orders} is for another chain or wallet than treasurer.toml names")
        if order.version != now.version + 1:
            raise OrderRefused(
                f"{folder.owners_orders} lacks the order after version {now.version} of the owners: restore it"
            )
        by = signer_of(order, signed.signature, now.owners)
        found.append(OwnersChange(order, by, signed.signature))
        now = found[-1].owners
    return found


def current_owners(pin: Path, folder: BotFolder, configuration: Configuration) -> Owners:
    """The owners now: those that ``pin`` holds, and what owners changed since. Raises TreasurerError."""
    pinned = pinned_owners(pin)
    changes = changes_since(pinned, folder, configuration)
    return changes[-1].owners if changes else pinned


def next_owners_order(configuration: Configuration, now: Owners, owners: Sequence[str]) -> OwnersOrder:
    """What one of the owners ``now`` signs so that ``owners`` follow them. Raises InvalidValue."""
    try:
        return OwnersOrder(
            chain_id=configuration.chain.id,
            account=configuration.wallet.address,
            owners=tuple(sorted(set(owners))),
            version=now.version + 1,
        )
    except ValidationError as error:
        raise InvalidValue(f"a bot has 1 to {MAX_OWNERS} owners, not {len(set(owners))}") from error


def keep_change(folder: BotFolder, order: OwnersOrder, signature: bytes) -> None:
    """Add an order to ``owners.sig``; the caller has checked it."""
    orders = [*read_changes(folder), Signed(order=order.model_dump(mode="json"), signature=signature)]
    write_whole(folder.owners_orders, json.dumps([json.loads(one.model_dump_json()) for one in orders]) + "\n")


def read_changes(folder: BotFolder) -> list[Signed]:
    """The orders of ``owners.sig``, unchecked; none where there is no file. Raises OrderRefused."""
    try:
        return _SIGNED.validate_json(folder.owners_orders.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise OrderRefused(f"{folder.owners_orders} holds no orders that change the owners") from error


def _order(signed: Signed, path: Path) -> OwnersOrder:
    try:
        return OwnersOrder.model_validate(signed.order)
    except ValidationError as error:
        raise OrderRefused(f"{path} holds something that is no order to change the owners") from error
