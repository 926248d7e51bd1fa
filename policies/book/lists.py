"""Lists of addresses beside the policy (``lists/NAME.txt``), signed with it: sanctions, or anybody not to deal with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from ...wallets.errors import InvalidValue
from ...wallets.hints import nearest
from ...wallets.values import parse_address
from ..documents.yaml_document import Fault, located

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
MOST_FAULTS = 5


@dataclass(frozen=True)
class AddressList:
    """The ``addresses`` of one file, lower case."""

    name: str
    addresses: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, name: str, attachments: Mapping[str, bytes]) -> Self:
        """The list ``name`` of a bundle's files. Raises located faults, those of the file with its name and line."""
        source = attachments.get(f"lists/{name}.txt") if _NAME.fullmatch(name) else None
        if source is None:
            known = [path[6:-4] for path in attachments if path.startswith("lists/") and path.endswith(".txt")]
            hint = nearest(name, known) or ": put the file beside policy.yaml"
            raise located([((), f"there is no lists/{name}.txt in the bundle{hint}")])
        return cls(name, read_addresses(source, f"lists/{name}.txt"))


def read_addresses(source: bytes, name: str) -> frozenset[str]:
    """Addresses, one a line; ``#`` begins a comment, LF or CRLF ends a line, a BOM is passed over.

    Raises located faults with file and line (EIP-55 is checked).
    """
    try:
        text = source.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise located([((), f"{name} is not UTF-8 text: {error.reason}")]) from error
    found: set[str] = set()
    faults: list[Fault] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        strange = next((one for one in line if not (one.isprintable() or one == "\t")), None)
        if strange is not None:
            words = f"the character U+{ord(strange):04X}: only a line feed ends a line, and a list is plain text"
            faults.append(((), f"{name}:{number}:{line.index(strange) + 1}: {words}"))
            continue
        text = line.partition("#")[0].strip(" \t")
        if not text:
            continue
        try:
            found.add(parse_address(text))
        except InvalidValue as error:
            faults.append(((), f"{name}:{number}: {error}"))
    if faults:
        raise located(faults[:MOST_FAULTS])
    if not found:
        raise located([((), f"{name} holds no address: write one a line, or leave the condition out")])
    return frozenset(found)
