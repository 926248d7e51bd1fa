"""Two comparisons that only add denials: the effects with what the tool claimed, and with what the simulation saw.

Both are pure. The bytes decide what may happen at worst; a claim says what was meant, and a simulation what would
happen now. Where either says more than the bytes, somebody is mistaken or lying, and nothing is signed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ..book.book import Book
from ..effect import UNLIMITED_BASE_UNITS, Effect, Kind
from ..facts import Facts, Simulated, allowance_key
from ..kinds import COMES_BOUGHT, LEAVES, OPENS
from ..proposal import Claim, Proposal
from ..verdict import Reason

_ADDRESS = re.compile(r"0x[0-9a-f]{40}\b")
CLAIMS_RULE = "claims"
SIMULATION_RULE = "simulation"
_TO_COUNTERPARTY = frozenset({Kind.TRANSFER, Kind.NFT_TRANSFER})
_HANDING_OVER = frozenset({Kind.OWNERSHIP_CHANGE, Kind.MODULE_CHANGE})


def contradictions(claims: Sequence[Claim], effects: Sequence[Effect]) -> tuple[Reason, ...]:
    """Deny reasons where a claim is missing from the effects, or an effect is covered by no claim.

    Revocations, approvals settled by a use that is claimed, and effects raised beside another need no claim of their
    own. A proposal without any claim contradicts nothing (``policy check`` has none).
    """
    if not claims:
        return ()
    free = list(range(len(effects)))
    reasons = []
    for claim in sorted(claims, key=lambda claim: -1 if claim.amount is None else claim.amount):
        fitting = [index for index in free if _covers(claim, effects[index])]
        if fitting:
            free.remove(max(fitting, key=lambda index: effects[index].amount or 0))
        else:
            message = f"The tool claims a {claim.kind} that the calls do not have: {_told(claim)}"
            reasons.append(
                Reason(rule=CLAIMS_RULE, condition="claimed", actual="absent", limit=_told(claim), message=message)
            )
    for index in free:
        effect = effects[index]
        if effect.kind != Kind.REVOCATION and effect.settled_by is None and effect.beside is None:
            message = f"The calls do a {effect.kind} that the tool does not claim: {_told(effect)}"
            reasons.append(
                Reason(rule=CLAIMS_RULE, condition="unclaimed", actual=_told(effect), limit="absent", message=message)
            )
    return tuple(reasons)


def simulation_denials(effects: Sequence[Effect], proposal: Proposal, book: Book, facts: Facts) -> tuple[Reason, ...]:
    """Deny reasons where the simulation is missing or failed, or where it shows more than the effects name.

    More: an asset that leaves, a recipient, an allowance left open, authority that changes hands, gas beyond the limit.
    Less: what is guaranteed to come, or an exact transfer that does not arrive. With static facts there is nothing to
    compare.
    """
    if facts.static or not proposal.calls:
        return ()
    simulated = facts.simulation
    if simulated is None:
        return (_reason("simulated", "none", "one", "The calls were not simulated"),)
    if not simulated.succeeded:
        where = "The calls" if simulated.failed_call is None else f"Call {simulated.failed_call}"
        return (_reason("succeeds", simulated.failure, "success", f"{where} would fail: {simulated.failure}"),)
    found = (
        *_excess_outflows(effects, simulated),
        *_strange_recipients(effects, simulated),
        *_missing_inflows(effects, simulated, proposal.account),
        *_missing_outflows(effects, proposal.account, simulated),
        *_missing_allowances(effects, simulated),
        *_handed_over(effects, simulated),
        *_unexplained(simulated),
        *_open_allowances(effects, facts, simulated),
        *_excess_gas(facts, simulated),
    )
    return tuple(_named(reason, book, proposal.chain_id) for reason in found)


def _excess_outflows(effects: Sequence[Effect], simulated: Simulated) -> Iterable[Reason]:
    allowed = _leaving(effects)
    for asset, left in sorted(simulated.outflows.items()):
        if left > allowed[asset]:
            message = (
                f"{left} base units of {asset} would leave, and the calldata's effects name at most {allowed[asset]}"
            )
            yield _reason("outflow", str(left), str(allowed[asset]), message)


def _strange_recipients(effects: Sequence[Effect], simulated: Simulated) -> Iterable[Reason]:
    """What goes past the named recipients must fit into what effects give to a venue (a pool, the wrapped coin)."""
    named: Counter[str] = Counter()
    for effect in effects:
        if effect.kind in _TO_COUNTERPARTY:
            named[f"{effect.asset}:{effect.counterparty}"] += _amount(effect)
        elif effect.kind in COMES_BOUGHT or effect.kind == Kind.WITHDRAW:
            # What a venue pays out to another recipient; that it is not too much is the venue's loss.
            named[f"{effect.bought or effect.asset}:{effect.counterparty}"] += 2**256
    to_venues = _leaving(effect for effect in effects if effect.kind not in _TO_COUNTERPARTY)
    for pair, got in sorted(simulated.recipients.items()):
        asset, _, recipient = pair.partition(":")
        excess = got - named[pair]
        if excess <= 0:
            continue
        to_venues[asset] -= excess
        if to_venues[asset] < 0:
            message = f"{recipient} would get {got} base units of {asset}, and the effects name at most {got - excess}"
            yield _reason("recipient", f"{recipient}: {got}", str(got - excess), message)


def _missing_inflows(effects: Sequence[Effect], simulated: Simulated, account: str) -> Iterable[Reason]:
    promised: Counter[tuple[str, str | None]] = Counter()
    for effect in effects:
        if effect.kind in COMES_BOUGHT and effect.bought is not None:
            promised[effect.bought, effect.counterparty] += effect.bought_minimum or 0
    for (asset, recipient), least in sorted(promised.items(), key=str):
        own = recipient in (None, account)
        reached = simulated.least_recipients if simulated.again_by else simulated.recipients
        came = simulated.inflows.get(asset, 0) if own else reached.get(f"{asset}:{recipient}", 0)
        if came < least:
            message = f"{came} base units of {asset} would come, and the effects guarantee {least}"
            yield _reason("inflow", str(came), str(least), message)


def _missing_outflows(effects: Sequence[Effect], account: str, simulated: Simulated) -> Iterable[Reason]:
    """A transfer of an exact amount arrives to the last unit: one that does not is another call than it says."""
    promised: Counter[str] = Counter()
    for effect in effects:
        if effect.kind is Kind.TRANSFER and effect.exact and effect.counterparty not in (None, account):
            promised[f"{effect.asset}:{effect.counterparty}"] += effect.amount or 0
    for pair, least in sorted(promised.items()):
        asset, _, recipient = pair.partition(":")
        got = (simulated.least_recipients if simulated.again_by else simulated.recipients).get(pair, 0)
        if got < least and asset not in simulated.positions:
            message = f"{recipient} would get {got} base units of {asset}, and the calldata sends {least}"
            yield _reason("missing", f"{recipient}: {got}", str(least), message)


def _handed_over(effects: Sequence[Effect], simulated: Simulated) -> Iterable[Reason]:
    """An event by which authority changes hands must be one that an effect on that contract names."""
    named = {effect.target for effect in effects if effect.kind in _HANDING_OVER}
    for place, to in sorted(simulated.handed_over.items()):
        contract, _, event = place.partition(":")
        if contract not in named:
            message = f"{contract} would log {event} ({to}), and the calldata names no change of authority there"
            yield _reason("authority", f"{event}: {to}", "none", message)


def _unexplained(simulated: Simulated) -> Iterable[Reason]:
    """What is written in a token of the book or an account of ours must be what the effects and events say."""
    for place in simulated.unexplained:
        contract, _, slot = place.partition(":")
        what = "its code" if slot == "code" else f"its storage at {slot}"
        message = f"{contract} would have {what} changed, and no effect explains that: pin the code of what is called"
        yield _reason("storage", slot, "unchanged", message)


def _open_allowances(effects: Sequence[Effect], facts: Facts, simulated: Simulated) -> Iterable[Reason]:
    """An allowance that ends higher than it was must be one that an effect leaves open."""
    opened: Counter[str] = Counter()
    for effect in effects:
        if effect.kind in OPENS and effect.settled_by is None:
            pair = _place(effect)
            opened[pair] = max(opened[pair], _amount(effect))
    closed = {_place(effect) for effect in effects if effect.settled_by is not None or effect.kind == Kind.REVOCATION}
    for pair, left in sorted(simulated.allowances.items()):
        most = 0 if pair in closed and pair not in opened else max(opened[pair], facts.allowances.get(pair, 0))
        if left > most:
            token, spender = pair.split(":")[:2]
            message = (
                f"{spender} could take {left} base units of {token} afterwards, and the effects leave at most {most}"
            )
            yield _reason("allowance", str(left), str(most), message)


def _missing_allowances(effects: Sequence[Effect], simulated: Simulated) -> Iterable[Reason]:
    """An allowance that the calls set stands afterwards, less what their other effects may draw of it."""
    promised = {}
    for effect in effects:
        if effect.call is not None and effect.kind in OPENS | {Kind.REVOCATION}:
            promised[_place(effect)] = 0 if effect.settled_by is not None else _amount(effect)
    drawn = _leaving(effect for effect in effects if effect.target != effect.asset)
    for pair, amount in sorted(promised.items()):
        token, spender = pair.split(":")[:2]
        left = (simulated.least_allowances if simulated.again_by else simulated.allowances).get(pair, 0)
        if left < min(amount, UNLIMITED_BASE_UNITS) - drawn[token]:
            message = f"{spender} could take {left} base units of {token} afterwards, and the calldata sets {amount}"
            yield _reason("missing", str(left), str(amount), message)


def _excess_gas(facts: Facts, simulated: Simulated) -> Iterable[Reason]:
    used = sum(simulated.gas_used)
    if facts.fees is not None and used > facts.fees.gas_limit:
        message = f"The calls use {used} gas, and the gas limit is {facts.fees.gas_limit}"
        yield _reason("gas", str(used), str(facts.fees.gas_limit), message)


def _leaving(effects: Iterable[Effect]) -> Counter[str]:
    """Base units by asset that effects let leave at most. An amount that is unknown lets nothing leave."""
    leaving: Counter[str] = Counter()
    for effect in effects:
        if effect.kind in LEAVES and effect.asset is not None:
            leaving[effect.asset] += _amount(effect)
    return leaving


def _place(effect: Effect) -> str:
    """Where the allowance of an effect is kept."""
    return allowance_key(effect.asset or "", effect.counterparty or "", effect.keeper)


def _amount(effect: Effect) -> int:
    # Decoding names a collection and leaves the amount open: an event of the collection then counts as covered.
    return 2**256 if effect.kind == Kind.NFT_TRANSFER else effect.amount or 0


def _covers(claim: Claim, effect: Effect) -> bool:
    return (
        claim.kind == effect.kind
        and claim.asset in (None, effect.asset)
        and claim.counterparty in (None, effect.counterparty)
        and claim.bought in (None, effect.bought)
        and (claim.amount is None or (effect.amount is not None and effect.amount <= claim.amount))
        and (claim.minimum is None or (effect.bought_minimum is not None and effect.bought_minimum >= claim.minimum))
    )


def _told(item: Claim | Effect) -> str:
    parts = [str(item.kind)]
    if item.asset is not None:
        parts.append(f"{'some' if item.amount is None else item.amount} of {item.asset}")
    least = item.minimum if isinstance(item, Claim) else item.bought_minimum
    if item.bought is not None:
        parts.append(f"for at least {least or 0} of {item.bought}")
    if item.counterparty is not None:
        parts.append(f"to {item.counterparty}")
    return " ".join(parts)


def _reason(condition: str, actual: str, limit: str, message: str) -> Reason:
    return Reason(rule=SIMULATION_RULE, condition=condition, actual=actual, limit=limit, message=message)


def _named(reason: Reason, book: Book, chain_id: int) -> Reason:
    """The same reason with the labels that people know beside its addresses."""
    message = reason.message
    for address in sorted(set(_ADDRESS.findall(message))):
        label = book.label_of(address, chain_id)
        if label is not None:
            message = message.replace(address, f"{label} ({address})")
    return reason.model_copy(update={"message": message})
