"""Signatures that delegate: votes (ERC-5805), debt (Aave v3), the account itself (MetaMask's Delegation Framework)."""

from __future__ import annotations

from ....wallets.values import UINT256_MAX, ZERO_ADDRESS
from ...effect import UNLIMITED_BASE_UNITS, Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct, require_account

ANY_DELEGATE = "0x0000000000000000000000000000000000000a11"
"""DelegationManager.sol: whoever holds the delegation may use it."""


def _votes(draft: Draft, signed: Signed) -> None:
    message, token = signed.message, signed.contract
    index = draft.add(
        Kind.DELEGATION,
        target=token,
        asset=token,
        counterparty=message["delegatee"],
        deadline=message["expiry"],
        note="votes, by signature",
    )
    draft.require_registered(None, index, token)


def _debt(draft: Draft, signed: Signed) -> None:
    """aave-v3-core, DebtTokenBase.sol: the delegatee may borrow ``value``, and the account owes it."""
    message, token = signed.message, signed.contract
    index = draft.add(
        Kind.DELEGATION,
        target=token,
        asset=token,
        amount=message["value"],
        counterparty=message["delegatee"],
        deadline=message["deadline"],
        note="debt, by signature",
    )
    venue = draft.book.venue(token, draft.chain_id)
    if venue is None or venue.kind != "aave-v3-debt-token":
        draft.unknown(f"what {token} is: the book names no debt token there", target=token, beside=index)
    if message["value"] >= UNLIMITED_BASE_UNITS:
        draft.add(
            Kind.UNLIMITED_APPROVAL,
            target=token,
            asset=token,
            amount=message["value"],
            counterparty=message["delegatee"],
            beside=index,
        )


def _account(draft: Draft, signed: Signed) -> None:
    """delegation-framework, src/DelegationManager.sol: the delegate acts as the delegator, within the caveats.

    A caveat is a contract of anybody's that may revert; what it leaves possible is not known here, so the delegation
    counts as one of everything.
    """
    message = signed.message
    delegate = message["delegate"]
    anybody = delegate in (ANY_DELEGATE, ZERO_ADDRESS)
    caveats = len(message["caveats"])
    whose = "anybody" if anybody else delegate
    within = f"within {caveats} caveats" if caveats else "without any caveat"
    index = draft.add(
        Kind.DELEGATION,
        target=signed.contract,
        counterparty=delegate,
        deadline=UINT256_MAX,
        note=f"everything that the account can do, {within}",
    )
    words = f"what {whose} may do as {message['delegator']} {within}: all that it can, as far as can be told"
    draft.unknown(words, target=signed.contract, beside=index)
    require_account(draft, signed, index, message["delegator"])


DELEGATIONS = (
    SignedStruct("Delegation(address delegatee,uint256 nonce,uint256 expiry)", _votes),
    SignedStruct("DelegationWithSig(address delegatee,uint256 value,uint256 nonce,uint256 deadline)", _debt),
    SignedStruct(
        "Delegation(address delegate,address delegator,bytes32 authority,Caveat[] caveats,uint256 salt)"
        "Caveat(address enforcer,bytes terms)",
        _account,
    ),
)
