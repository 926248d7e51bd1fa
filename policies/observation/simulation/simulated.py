"""simulated: what a simulation's answer means for the account, and the worse of two answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ....wallets.chain import decode_revert
from ....wallets.values import NATIVE
from ...facts import Simulated
from ..actual import Movements, movements
from ..reads.probes import Probe
from .simulation import Simulation


def read_simulated(
    simulation: Simulation,
    account: str,
    *,
    balances: Mapping[str, Probe],
    allowances: Mapping[str, Probe],
    watch: frozenset[str],
    positions: frozenset[str],
    pools: Sequence[Probe],
    wrapped_native: frozenset[str] = frozenset(),
) -> Simulated:
    """What the calls would do. ``balances`` by asset, ``allowances`` by ``allowance_key``: probed before and after.

    Where an asset was probed its balance decides: more that left than the logs say is an outflow, and inflows are
    what the change and the outflows make them. Of other tokens the logs are all there is.
    """
    failed = next((number for number, call in enumerate(simulation.calls) if not call.succeeded), None)
    gas_used = tuple(call.gas_used for call in simulation.calls)
    told = Simulated(succeeded=False, by=simulation.by, gas_used=gas_used)
    if simulation.refused:
        return told.model_copy(update={"failure": simulation.refused})
    if failed is not None:
        reason = decode_revert(simulation.calls[failed].returned)
        return told.model_copy(update={"failure": reason, "failed_call": failed})
    logs = (log for call in simulation.calls for log in call.logs)
    moved = movements(logs, account, watch=watch, positions=positions, wrapped_native=wrapped_native)
    for asset, probe in balances.items():
        was, became = simulation.before.number(probe), simulation.after.number(probe)
        if asset in positions:
            continue
        if was is None or became is None:
            return told.model_copy(update={"failure": f"the balance of {asset} cannot be read"})
        _hold_against_balance(moved, asset, became - was + (simulation.paid if asset == NATIVE else 0))
    for pair, probe in allowances.items():
        left = simulation.after.number(probe)
        if left is None:
            return told.model_copy(update={"failure": f"the allowance {pair} cannot be read"})
        moved.allowances[pair] = left
    factors = [simulation.after.health_factor(pool) for pool in pools]
    known = [factor for factor in factors if factor is not None]
    return Simulated(
        succeeded=True,
        by=simulation.by,
        handed_over=moved.handed_over,
        gas_used=gas_used,
        outflows=_positive(moved.outflows),
        inflows=_positive(moved.inflows),
        recipients=_positive(moved.recipients),
        allowances=dict(sorted(moved.allowances.items())),
        positions=tuple(sorted(positions)),
        health_factor_after=min(known) if known and len(known) == len(factors) else None,
    )


def worse_of(first: Simulated, second: Simulated) -> Simulated:
    """The worse of two simulations of the same calls, key by key; they succeed only if both do.

    ``second`` is the one under other conditions. Where a recipient gets less or an allowance ends lower in one of
    them, ``least_recipients`` and ``least_allowances`` keep the lesser.
    """
    if not first.succeeded:
        return first
    if not second.succeeded:
        failure = f"under other conditions: {second.failure}"
        return second.model_copy(update={"failure": failure, "by": first.by, "again_by": second.by})
    factors = (first.health_factor_after, second.health_factor_after)
    known = [factor for factor in factors if factor is not None]
    same = first.contract_accounts.keys() & second.contract_accounts.keys()
    accounts = {one: first.contract_accounts[one] for one in same if _agree(first, second, one)}
    return first.model_copy(
        update={
            "again_by": second.by,
            "gas_used": tuple(map(max, first.gas_used, second.gas_used)),
            "outflows": _merged(first.outflows, second.outflows, max),
            "inflows": _positive(_merged(first.inflows, second.inflows, min)),
            "recipients": _merged(first.recipients, second.recipients, max),
            "allowances": _merged(first.allowances, second.allowances, max),
            "least_recipients": _merged(first.recipients, second.recipients, min),
            "least_allowances": _merged(first.allowances, second.allowances, min),
            "positions": tuple(sorted({*first.positions, *second.positions})),
            "handed_over": second.handed_over | first.handed_over,
            "health_factor_after": min(known) if len(known) == len(factors) else None,
            "contract_accounts": accounts,
            "implementations": {
                one: first.implementations[one]
                for one in first.implementations.keys() & second.implementations.keys()
                if first.implementations[one] == second.implementations[one]
            },
        }
    )


def _agree(first: Simulated, second: Simulated, account: str) -> bool:
    return first.contract_accounts[account] == second.contract_accounts[account]


def _merged(first: Mapping[str, int], second: Mapping[str, int], choose: Callable[[int, int], int]) -> dict[str, int]:
    return {key: choose(first.get(key, 0), second.get(key, 0)) for key in sorted(first.keys() | second.keys())}


def _hold_against_balance(moved: Movements, asset: str, change: int) -> None:
    moved.outflows[asset] = max(moved.outflows[asset], -change)
    moved.inflows[asset] = max(0, change + moved.outflows[asset])


def _positive(amounts: Mapping[str, int]) -> dict[str, int]:
    return {key: amount for key, amount in sorted(amounts.items()) if amount > 0}
