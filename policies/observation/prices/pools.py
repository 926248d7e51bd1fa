"""Prices from pools: the time-weighted mean of a Uniswap v3 pool, to hold a feed against. It never is a price itself.

Source: Uniswap v3-core, UniswapV3Pool.observe and TickMath (a tick is a power of 1.0001); v3-periphery,
OracleLibrary.consult (the mean tick is rounded towards minus infinity).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, localcontext

from ...book.entries import TokenEntry
from ...documents.duration import write_seconds
from ..reads import probes
from ..reads.probes import Answers, Probe

LAST_TICK = 887_272
"""TickMath.MAX_TICK; the least is its negative."""
_BASE = Decimal("1.0001")
_DIGITS = 60
"""TickMath is right to about 20 digits: what is rounded here is far below what a pool itself rounds."""
_INT_SIGN = 1 << 255
_OBSERVE_HEAD = (0x40, 0xA0, 2)
_TO_HUNDREDTHS = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool that a token's feed is held against.

    ``seconds_since_block``: how long after the newest block the probes are answered. The window ends with that block:
    of a time after it a pool knows nothing but its present tick, which the last trade alone makes.
    """

    address: str
    twap_seconds: int
    max_gap_bps: int
    seconds_since_block: int

    @property
    def observation(self) -> Probe:
        """The tick cumulatives at both ends of the window."""
        start = self.twap_seconds + self.seconds_since_block
        return probes.tick_cumulatives(self.address, start, self.seconds_since_block)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What ``read_pool`` needs answers to."""
        return (self.observation, *probes.pool_tokens(self.address))

    def other_token(self, token: str, answers: Answers) -> str | None:
        """The token that the pool trades against this one; None where it trades another pair, or is no pool."""
        numbers = [answers.number(probe) for probe in probes.pool_tokens(self.address)]
        pair = [f"0x{number:040x}" for number in numbers if number is not None]
        if len(pair) != 2 or token not in pair:
            return None
        return pair[1] if pair[0] == token else pair[0]


def pool_of(token: TokenEntry, seconds_since_block: int) -> Pool | None:
    """The pool of a token as the book has it."""
    if token.pool is None or token.twap is None or token.max_gap_bps is None:
        return None
    return Pool(token.pool, token.twap, token.max_gap_bps, seconds_since_block)


def seconds_since(block_time: int, at: int) -> int:
    """How long after a block the reads on top of it are answered: at the guard's time, at least one second later."""
    return max(at - block_time, 1)


def read_pool(pool: Pool, token: TokenEntry, other: TokenEntry, answers: Answers) -> tuple[Decimal | None, str]:
    """Whole units of ``other`` for one whole ``token``, time-weighted, or None with the reason."""
    tick = _mean_tick(pool, answers)
    if tick is None:
        window = write_seconds(pool.twap_seconds)
        return None, f"the pool {pool.address} does not tell its price over {window}: it keeps too few observations"
    return price_at(tick if token.address < other.address else -tick, token.decimals, other.decimals), ""


def price_at(tick: int, decimals: int, other_decimals: int) -> Decimal:
    """Whole units of the other token for one whole unit, where ``tick`` prices base units."""
    with localcontext(prec=_DIGITS):
        price: Decimal = (_BASE**tick).scaleb(decimals - other_decimals)
    return price


def gap_bps(one: Decimal, other: Decimal) -> Decimal:
    """How far two prices are apart, in hundredths of a percent of the smaller; rounded up to two digits."""
    exact = Context(prec=_DIGITS, rounding=ROUND_CEILING)
    gap = exact.divide(exact.multiply(abs(exact.subtract(one, other)), Decimal(10_000)), min(one, other))
    return gap.quantize(_TO_HUNDREDTHS, context=exact)


def _mean_tick(pool: Pool, answers: Answers) -> int | None:
    words = answers.words(pool.observation, 5)
    if words is None or words[:3] != _OBSERVE_HEAD:
        return None
    start, end = (number - 2 * _INT_SIGN if number >= _INT_SIGN else number for number in words[3:])
    tick = (end - start) // pool.twap_seconds
    return tick if -LAST_TICK <= tick <= LAST_TICK else None
