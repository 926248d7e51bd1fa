"""Values: what the words of an attack file mean on one devnet: addresses, base units, seconds, bytes, tuples."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from eth_abi import encode
from eth_abi.grammar import TupleType, parse

from ...policies.documents.duration import parse_seconds
from ...wallets.call import Call, Operation, argument_types, calldata
from ...wallets.errors import InvalidValue
from ...wallets.values import NATIVE, UINT256_MAX, parse_hex
from ..runner.stage import stranger
from .document import RawCall

_AMOUNT = re.compile(r"(-?[0-9][0-9_.]*) ([a-z][a-z0-9.-]*)")
_TIME = re.compile(r"now(?:([+-])([0-9]+[smhd]))?")


@dataclass(frozen=True)
class Values:
    """``holders`` and ``assets``: addresses (and decimals) by label; ``balance``: base units that the treasury holds.

    ``now``: the chain's time.
    """

    holders: Mapping[str, str]
    assets: Mapping[str, tuple[str, int]]
    balance: Callable[[str], int]
    now: Callable[[], int]

    def address(self, name: str) -> str:
        """Of a holder, an asset, an address as it is; any other word is a stranger of that name."""
        if name.startswith("0x"):
            return name.lower()
        if name in self.assets and self.assets[name][0] != NATIVE:
            return self.assets[name][0].lower()
        return (self.holders.get(name) or stranger(name)).lower()

    def number(self, given: Any) -> int:
        """Base units, seconds or a plain number. Raises InvalidValue."""
        if isinstance(given, bool | int):
            return int(given)
        if isinstance(given, Mapping) and set(given) == {"all"}:
            return self.balance(given["all"])
        if not isinstance(given, str):
            raise InvalidValue(f"{given!r} is no number: write 100 usdc, max, now+1h or {{all: usdc}}")
        if given == "max":
            return UINT256_MAX
        power = re.fullmatch(r"2\^(\d+)(-1)?", given)
        if power:
            return int(2 ** int(power[1])) - (1 if power[2] else 0)
        time = _TIME.fullmatch(given)
        if time:
            seconds = parse_seconds(time[2]) if time[2] else 0
            return self.now() + (seconds if time[1] != "-" else -seconds)
        amount = _AMOUNT.fullmatch(given)
        if amount and amount[2] in self.assets:
            return int(Decimal(amount[1].replace("_", "")).scaleb(self.assets[amount[2]][1]))
        try:
            return int(Decimal(given))
        except InvalidOperation:
            raise InvalidValue(f"{given!r} is no number: write 100 usdc, max, now+1h or {{all: usdc}}") from None

    def data(self, given: Any) -> bytes:
        """Bytes of hex text, of a call, of a v3 path, or ABI-encoded."""
        if isinstance(given, str):
            return parse_hex(given) if given.startswith("0x") else given.encode()
        if isinstance(given, Mapping) and "call" in given:
            return self.call(RawCall.model_validate({"to": "treasury", **given["call"]})).data
        if isinstance(given, Mapping) and "path" in given:
            return b"".join(
                part.to_bytes(3, "big") if isinstance(part, int) else parse_hex(self.address(part))
                for part in given["path"]
            )
        if isinstance(given, Mapping) and "abi" in given:
            types, values = given["abi"]["types"], given["abi"]["values"]
            return encode(types, [self.of(kind, value) for kind, value in zip(types, values, strict=True)])
        if isinstance(given, Mapping) and "bytes" in given:
            return b"".join(self.data(part) for part in given["bytes"])
        raise InvalidValue(
            f"{given!r} are no bytes: write 0x.., {{call: ..}}, {{path: ..}}, {{abi: ..}} or {{bytes: ..}}"
        )

    def of(self, kind: str, given: Any) -> Any:
        """The value of an ABI type, as eth_abi encodes it. Raises InvalidValue."""
        kind = kind.replace(" ", "")
        if kind.endswith("]"):
            item = kind[: kind.rindex("[")]
            return [self.of(item, one) for one in given]
        parsed = parse(kind)
        if isinstance(parsed, TupleType):
            types = [component.to_type_str() for component in parsed.components]
            return tuple(self.of(one, value) for one, value in zip(types, given, strict=True))
        if kind == "address":
            return self.address(str(given))
        if kind == "bool":
            return bool(given)
        if kind == "string":
            return str(given)
        if kind.startswith("bytes"):
            data = self.data(given)
            return data.ljust(int(kind[5:]), b"\0") if kind != "bytes" else data
        return self.number(given)

    def call(self, raw: RawCall) -> Call:
        """The call that the file writes. Raises InvalidValue."""
        to = None if raw.to is None else self.address(raw.to)
        operation = Operation.DELEGATECALL if raw.delegate else Operation.CALL
        if raw.function is None:
            data = b"" if raw.data is None else parse_hex(raw.data)
        else:
            types = argument_types(raw.function)
            if len(types) != len(raw.arguments):
                raise InvalidValue(f"{raw.function} takes {len(types)} arguments, not {len(raw.arguments)}")
            values = [self.of(kind, given) for kind, given in zip(types, raw.arguments, strict=True)]
            data = calldata(raw.function, *values)
        return Call(to=to, value=self.number(raw.value), data=data, operation=operation)
