"""Uniswap's Universal Router: one byte a command, one input each, over what the router holds of ours.

It pays from the user through Permit2 (``payerIsUser``), or from its own balance; an amount of 2^255 is all that it
holds. Recipients 0x..01 and 0x..02 are the sender and the router. Source: universal-router 2.0, Dispatcher.sol,
Commands.sol, V3SwapRouter.sol, V2SwapRouter.sol, Payments.sol, Permit2Payments.sol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ....wallets.values import NATIVE, ZERO_ADDRESS
from ...effect import Kind
from ..draft.abi import NotCanonical, decode
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Use
from ..tokens.permit2 import DETAILS, Grant, allow
from .path import read_path, refuse_unknown_hops
from .router_balance import Lot, RouterBalance
from .router_payments import sweep, unwrap, wrap
from .router_swaps import ROUTER, SENDER, all_of

PERMIT2 = "0x000000000022d473030f116ddee9f6b43ac78ba3"
"""The one address that Permit2 has on every chain; the router holds it as an immutable."""
WHOLE_BALANCE = 1 << 255
MAY_FAIL = 0x80
COMMAND = 0x7F
DEEPEST_PLAN = 4
"""Plans nest on the chain without a bound; nobody honest goes deeper than one."""
EXECUTE = "execute(bytes,bytes[])"
EXECUTE_DEADLINE = "execute(bytes,bytes[],uint256)"

Step = Callable[[RouterBalance, tuple[Any, ...]], None]


def _uses(balance: RouterBalance, token: str, amount: int, *, exact: bool) -> tuple[Use, ...]:
    """What Permit2 takes for the router: of the token's own allowance, and of the one that Permit2 keeps."""
    return Use(token, PERMIT2, amount, exact), Use(token, balance.router, amount, exact, keeper=PERMIT2)


def _exact_input(balance: RouterBalance, tokens: tuple[str, ...], arguments: tuple[Any, ...]) -> None:
    to, amount, minimum, _, from_user = arguments
    refuse_unknown_hops(balance.draft, balance.frame, tokens)
    sold, bought = tokens[0], tokens[-1]
    if from_user:
        lot = Lot(sold, amount, True, bought, minimum, True, _uses(balance, sold, amount, exact=True))
        balance.arrive(lot, balance.recipient(to))
        return
    held = all_of(balance, sold)
    if held is None or amount not in (WHOLE_BALANCE, held.low if held.exact and not held.swapped else None):
        words = f"how much {sold} of the router's balance is sold, and whose that is"
        balance.draft.unknown(words, balance.frame, asset=sold, counterparty=balance.recipient(to))
        return
    balance.arrive(replace(held, asset=bought, low=minimum, swapped=True), balance.recipient(to))


def _exact_output(balance: RouterBalance, tokens: tuple[str, ...], arguments: tuple[Any, ...]) -> None:
    """``tokens`` run from what is sold to what is bought."""
    to, amount, maximum, _, from_user = arguments
    refuse_unknown_hops(balance.draft, balance.frame, tokens)
    if not from_user:
        words = f"what remains of the router's {tokens[0]} after an exact output that it pays itself"
        balance.draft.unknown(words, balance.frame, asset=tokens[0], counterparty=balance.recipient(to))
        return
    uses = _uses(balance, tokens[0], maximum, exact=False)
    balance.arrive(Lot(tokens[0], maximum, False, tokens[-1], amount, True, uses), balance.recipient(to))


def _v3_input(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    tokens = read_path(balance.draft, balance.frame, arguments[3])
    if tokens is not None:
        _exact_input(balance, tokens, arguments)


def _v3_output(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    """An exact output's path runs backwards: what is bought comes first."""
    tokens = read_path(balance.draft, balance.frame, arguments[3])
    if tokens is not None:
        _exact_output(balance, tokens[::-1], arguments)


def _v2_input(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    if len(arguments[3]) < 2 or arguments[1] == 0:
        balance.draft.unknown("what was paid to the pair before this swap, or a path of one token", balance.frame)
    else:
        _exact_input(balance, arguments[3], arguments)


def _v2_output(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    if len(arguments[3]) < 2:
        balance.draft.unknown("what a path of fewer than two tokens means", balance.frame)
    else:
        _exact_output(balance, arguments[3], arguments)


def _take(balance: RouterBalance, token: str, recipient: str, amount: int) -> None:
    """Our tokens, through Permit2, to somebody or into the router."""
    if not balance.draft.require_registered(balance.frame, None, token):
        return
    uses = _uses(balance, token, amount, exact=True)
    balance.arrive(Lot(token, amount, True, token, amount, False, uses), recipient)


def _permit2_transfer(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, to, amount = arguments
    _take(balance, token, balance.recipient(to), amount)


def _permit2_transfers(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    """The batch goes to Permit2 as it is: its recipients are literal, 0x..01 among them (Permit2Payments.sol)."""
    for owner, to, amount, token in arguments[0]:
        if owner == balance.draft.account:
            _take(balance, token, to, amount)
        else:
            words = f"what a transfer from {owner}, who is not the account, is for: the router refuses it"
            balance.draft.unknown(words, balance.frame, asset=token)


def _permit(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    (details, spender, deadline), _ = arguments
    for token, amount, expiration, _nonce in (details,) if details and isinstance(details[0], str) else details:
        grant = Grant(token, amount, spender, max(deadline, expiration))
        allow(balance.draft, balance.frame, Kind.PERMIT, grant, PERMIT2)


def _sweep(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, to, minimum = arguments
    if token != ZERO_ADDRESS:
        sweep(balance, token, minimum, balance.recipient(to))
        return
    _pay_ether(balance, balance.ether, balance.recipient(to), whole=True)


def _transfer(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    """A literal amount of what the router holds: only all of it can be followed."""
    token, to, amount = arguments
    recipient = balance.recipient(to)
    if token == ZERO_ADDRESS:
        _pay_ether(balance, amount, recipient, whole=amount == balance.ether and balance.ether_exact)
        return
    held = sum(lot.low for lot in balance.lots if lot.asset == token)
    exact = all(lot.exact and not lot.swapped for lot in balance.lots if lot.asset == token)
    if amount == WHOLE_BALANCE or (exact and amount == held):
        sweep(balance, token, 0, recipient)
        return
    index = balance.draft.transfer(balance.frame, token, amount, recipient)
    words = f"whose {token} the router pays to {recipient}, and what stays in it"
    balance.draft.unknown(words, balance.frame, beside=index, asset=token)


def _pay_ether(balance: RouterBalance, amount: int, recipient: str, *, whole: bool) -> None:
    if whole and recipient == balance.draft.account:
        balance.ether, balance.ether_exact = 0, True
        return
    if not whole or recipient == balance.router:
        balance.draft.unknown(f"what stays of the ether in the router after it pays {amount} wei", balance.frame)
    if recipient != balance.router:
        balance.draft.transfer(balance.frame, NATIVE, amount, recipient, exact=balance.ether_exact)
        balance.ether = max(0, balance.ether - amount)


def _portion(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, to, bips = arguments
    recipient = balance.recipient(to)
    asset = NATIVE if token == ZERO_ADDRESS else token
    words = f"how much {bips} basis points of the router's {asset} are"
    balance.draft.transfer(balance.frame, asset, None, recipient, unknown=(words,))
    balance.draft.unknown(words, balance.frame, asset=asset, counterparty=recipient)


def _wrap(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    to, amount = arguments
    if balance.recipient(to) != balance.router:
        balance.draft.unknown(f"what {to} does with ether that the router wraps for it", balance.frame, asset=NATIVE)
        return
    wrap(balance, balance.ether if amount == WHOLE_BALANCE else amount)


def _unwrap(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    to, minimum = arguments
    unwrap(balance, minimum, balance.recipient(to))


def _nothing(_: RouterBalance, __: tuple[Any, ...]) -> None:
    """A check that reverts or does nothing."""


SWAP = "(address,uint256,uint256,bytes,bool)"
SWAP_V2 = "(address,uint256,uint256,address[],bool)"
PAYMENT = "(address,address,uint256)"
COMMANDS: dict[int, tuple[str, str, Step]] = {
    0x00: ("V3_SWAP_EXACT_IN", SWAP, _v3_input),
    0x01: ("V3_SWAP_EXACT_OUT", SWAP, _v3_output),
    0x02: ("PERMIT2_TRANSFER_FROM", "(address,address,uint160)", _permit2_transfer),
    0x03: ("PERMIT2_PERMIT_BATCH", f"(({DETAILS}[],address,uint256),bytes)", _permit),
    0x04: ("SWEEP", PAYMENT, _sweep),
    0x05: ("TRANSFER", PAYMENT, _transfer),
    0x06: ("PAY_PORTION", PAYMENT, _portion),
    0x08: ("V2_SWAP_EXACT_IN", SWAP_V2, _v2_input),
    0x09: ("V2_SWAP_EXACT_OUT", SWAP_V2, _v2_output),
    0x0A: ("PERMIT2_PERMIT", f"(({DETAILS},address,uint256),bytes)", _permit),
    0x0B: ("WRAP_ETH", "(address,uint256)", _wrap),
    0x0C: ("UNWRAP_WETH", "(address,uint256)", _unwrap),
    0x0D: ("PERMIT2_TRANSFER_FROM_BATCH", "((address,address,uint160,address)[])", _permit2_transfers),
    0x0E: ("BALANCE_CHECK_ERC20", PAYMENT, _nothing),
}
"""Name, input and meaning by command. V4, positions and everything else is unknown."""
SUB_PLAN = 0x21


def _run(balance: RouterBalance, commands: bytes, inputs: tuple[bytes, ...], depth: int) -> None:
    if len(commands) != len(inputs) or depth > DEEPEST_PLAN:
        balance.draft.unknown(
            f"what {len(commands)} commands with {len(inputs)} inputs do, {depth} deep", balance.frame
        )
        return
    for command, data in zip(commands, inputs, strict=True):
        _command(balance, command, data, depth)


def _command(balance: RouterBalance, command: int, data: bytes, depth: int) -> None:
    code = command & COMMAND
    name, types, step = COMMANDS.get(code, ("EXECUTE_SUB_PLAN", "(bytes,bytes[])", _nothing))
    if code not in COMMANDS and code != SUB_PLAN:
        balance.draft.unknown(f"command 0x{command:02x} of {balance.router}", balance.frame)
        return
    try:
        arguments = decode(f"{name}{types}", data)
    except NotCanonical as fault:
        balance.draft.unknown(f"what the input of {name} means: it is not canonical, {fault}", balance.frame)
        return
    if command & MAY_FAIL and step is not _permit:
        balance.draft.unknown(f"what happens where {name} fails and the rest goes on", balance.frame)
    if code == SUB_PLAN:
        _run(balance, arguments[0], arguments[1], depth + 1)
    else:
        step(balance, arguments)


def _execute(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    commands, inputs, *deadline = arguments
    balance = RouterBalance(
        draft,
        frame,
        frame.value,
        deadline=deadline[0] if deadline else None,
        shorthands={SENDER: draft.account, ROUTER: frame.target},
    )
    _run(balance, commands, inputs, 0)
    balance.close()


UNIVERSAL_ROUTER = (
    Function(EXECUTE, _execute, payable=True),
    Function(EXECUTE_DEADLINE, _execute, payable=True),
)
