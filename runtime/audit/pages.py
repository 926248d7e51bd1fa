"""Pages: the long list in a judgement's facts becomes blocks that later judgements share.

Every judgement names all that counts in its windows, and most of it is what the judgement before named. The list is cut
where a row's own bytes say so (content-defined chunking, as in LBFS, SOSP 2001), so that rows that come at one end and
leave at the other change two pages and no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from ...wallets.cid import DAG_CBOR, decode_block, encode_block

PAGED = "spent"
"""The list of a Facts that grows with the bot's activity."""
FEW = 64
"""A list of at most so many rows stays where it is."""
MOST = 512
"""Rows of a page at most: 512 rows of 300 bytes are far below the limit of a block."""
_CUT = 64
"""A page ends after one row of so many, on average."""


def put_pages(facts: dict[str, Any], put: Callable[[bytes, int], bytes]) -> dict[str, Any]:
    """The facts with a long list moved into pages that ``put`` keeps; its place holds their links, in order."""
    rows = facts.get(PAGED)
    if not isinstance(rows, list) or len(rows) <= FEW:
        return facts
    links, page = [], []
    for row in rows:
        page.append(row)
        if len(page) == MOST or hashlib.sha256(encode_block(row)).digest()[0] % _CUT == 0:
            links.append(put(encode_block(page), DAG_CBOR))
            page = []
    if page:
        links.append(put(encode_block(page), DAG_CBOR))
    return {**facts, PAGED: links}


def read_pages(facts: Any, get: Callable[[bytes], bytes]) -> Any:
    """The facts with the list back in its place. Raises what ``get`` raises, or ValueError for a page that is none."""
    if not isinstance(facts, dict):
        return facts
    rows = facts.get(PAGED)
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], bytes):
        return facts
    whole: list[Any] = []
    for link in rows:
        page = decode_block(get(link))
        if not isinstance(page, list):
            raise ValueError("a page of the facts is no list")
        whole += page
    return {**facts, PAGED: whole}
