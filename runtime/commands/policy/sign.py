"""`treasurer policy sign`: an owner puts the policy and the book, as they are written now, in force."""

from __future__ import annotations

import typer

from ..control import Keystore, Password, Signature, TypedDataOnly, owner_signature
from ..terminal import AsJson, bot_folder, emit, say


def sign(
    context: typer.Context,
    signature: Signature = None,
    keystore: Keystore = None,
    password: Password = "prompt",
    typed_data: TypedDataOnly = False,
    as_json: AsJson = False,
) -> None:
    """Sign policy.yaml and book.yaml as an owner; the guard obeys them from its next start."""
    from ....wallets.values import checksum, parse_hex
    from ...bot.bundle import read_bundle
    from ...bot.configuration import read_configuration
    from ...bot.orders import PolicyOrder, Signed, read_owners, signer_of

    folder = bot_folder(context)
    configuration = read_configuration(folder.configuration)
    bundle = read_bundle(folder, configuration)
    order = PolicyOrder(chain_id=configuration.chain.id, account=configuration.wallet.address, policy_cid=bundle.cid)
    if typed_data:
        emit(order.to_typed_data())
        return
    signed = parse_hex(owner_signature(order.to_typed_data(), signature, keystore, password))
    owner = signer_of(order, signed, read_owners(folder.guard_owners))
    aside = folder.policy_signature.with_suffix(".new")
    aside.write_text(Signed(order=order.model_dump(mode="json"), signature=signed).model_dump_json() + "\n")
    aside.replace(folder.policy_signature)
    if as_json:
        emit({"policy_cid": bundle.cid, "owner": checksum(owner)})
    else:
        say(f"{checksum(owner)} signed {bundle.policy.name} ({bundle.cid}); a guard that runs obeys it after a restart")
