"""`treasurer policy sign`: an owner signs the policy and the book as they are written now, or who the owners are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..control import Keystore, Password, Signature, TypedDataOnly, owner_signature
from ..terminal import AsJson, bot_folder, emit, say

if TYPE_CHECKING:
    from ...bot.folder import BotFolder


def sign(  # noqa: PLR0917 - typer passes options by name
    context: typer.Context,
    signature: Signature = None,
    keystore: Keystore = None,
    password: Password = "prompt",
    typed_data: TypedDataOnly = False,
    version: Annotated[int | None, typer.Option(metavar="N", help="Its version; by default the next one.")] = None,
    owners: Annotated[
        str | None, typer.Option(metavar="0x..,0x..", help="Sign who the owners are from now on, not the policy.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign policy.yaml and book.yaml as an owner. `policy apply` hands them to a guard that runs; the next one obeys
    them from its start.
    """
    folder = bot_folder(context)
    if owners is not None:
        if version is not None:
            raise typer.BadParameter("--version is a policy's: a change of owners follows the one before it")
        _sign_owners(folder, owners, signature, keystore, password, typed_data=typed_data, as_json=as_json)
        return
    from ....wallets.orders import signer_of
    from ....wallets.values import checksum, parse_hex
    from ...bot.bundle import read_bundle
    from ...bot.configuration import read_configuration
    from ...bot.orders import keep_policy_order, next_policy_order
    from ...bot.owners import current_owners

    configuration = read_configuration(folder.configuration)
    bundle = read_bundle(folder, configuration)
    order = next_policy_order(folder, configuration, bundle, version)
    if typed_data:
        emit(order.to_typed_data())
        return
    signed = parse_hex(owner_signature(order.to_typed_data(), signature, keystore, password))
    owner = signer_of(order, signed, current_owners(folder.guard_owners, folder, configuration).owners)
    keep_policy_order(folder, order, signed)
    if as_json:
        emit({"policy_cid": bundle.cid, "version": order.version, "owner": checksum(owner)})
    else:
        say(f"{checksum(owner)} signed {bundle.policy.name}, version {order.version} ({bundle.cid})")
        say("a guard that runs obeys it after `treasurer policy apply`, the next one from its start")


def _sign_owners(
    folder: BotFolder,
    named: str,
    signature: str | None,
    keystore: Keystore,
    password: str,
    *,
    typed_data: bool,
    as_json: bool,
) -> None:
    from ....wallets.orders import signer_of
    from ....wallets.values import checksum, parse_address, parse_hex
    from ...bot.configuration import read_configuration
    from ...bot.owners import current_owners, keep_change, next_owners_order

    configuration = read_configuration(folder.configuration)
    now = current_owners(folder.guard_owners, folder, configuration)
    order = next_owners_order(configuration, now, [parse_address(word.strip()) for word in named.split(",")])
    if typed_data:
        emit(order.to_typed_data())
        return
    signed = parse_hex(owner_signature(order.to_typed_data(), signature, keystore, password))
    owner = signer_of(order, signed, now.owners)
    keep_change(folder, order, signed)
    listed = [checksum(one) for one in order.owners]
    if as_json:
        emit({"owners": listed, "version": order.version, "owner": checksum(owner)})
    else:
        say(f"{checksum(owner)} signed the owners, version {order.version}: {', '.join(listed)}")
        say("a guard that runs obeys them after `treasurer policy apply`, the next one from its start")
