"""PolicyBundle: a policy, its book and the files beside them as one thing, with one CID, as people sign them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from ...wallets.cid import RAW, cid_bytes, cid_of, encode_block
from ..book.attachments import NO_ATTACHMENTS, check_attachments, read_attachments
from ..book.book import Book
from ..documents.yaml_document import read_file
from ..errors import DocumentError
from .policy import Policy

EMPTY_BOOK = b"version: 1\n"
_ABOUT_THE_BOOK = "the book has no "
_NO_BOOK = "no --book was given: give the book that has these names"


@dataclass(frozen=True)
class PolicyBundle:
    """The parsed policy and book, and the very bytes they were read from.

    ``attachments``: the bytes of the files that belong to them, by relative path (``abis/vault.json``).
    """

    policy: Policy
    book: Book
    policy_bytes: bytes
    book_bytes: bytes
    cid: str
    attachments: Mapping[str, bytes] = field(default_factory=dict, hash=False)

    @classmethod
    def from_bytes(
        cls,
        policy: bytes,
        book: bytes,
        attachments: Mapping[str, bytes] = NO_ATTACHMENTS,
        *,
        policy_name: str = "policy.yaml",
        book_name: str = "book.yaml",
    ) -> Self:
        """Of the documents. Raises DocumentError with every fault of the first that does not load, PolicyError where
        an attachment has no place in a bundle.
        """
        check_attachments(attachments)
        read_book = Book.read(book, book_name, attachments)
        return cls(
            policy=Policy.read(policy, read_book, policy_name, attachments),
            book=read_book,
            policy_bytes=policy,
            book_bytes=book,
            cid=cid_of(_root(policy, book, attachments)),
            attachments=MappingProxyType(dict(attachments)),
        )

    @classmethod
    def read(cls, policy_path: str | Path, book_path: str | Path | None) -> Self:
        """Of two files and the attachments beside the policy; without a book, of an empty one. Raises PolicyError."""
        book = EMPTY_BOOK if book_path is None else read_file(book_path)
        try:
            return cls.from_bytes(
                read_file(policy_path),
                book,
                read_attachments(Path(policy_path).parent),
                policy_name=str(policy_path),
                book_name=str(book_path or "book.yaml"),
            )
        except DocumentError as error:
            if book_path is None and any(_ABOUT_THE_BOOK in fault for fault in error.faults):
                raise DocumentError(
                    [*error.faults, "no --book was given: give the book that has these names"]
                ) from error
            raise

    def blocks(self) -> dict[str, bytes]:
        """The blocks to publish by CID: the documents and files as they are, and the root that links them."""
        root = _root(self.policy_bytes, self.book_bytes, self.attachments)
        leaves = (self.policy_bytes, self.book_bytes, *self.attachments.values())
        return {**{cid_of(leaf, RAW): leaf for leaf in leaves}, cid_of(root): root}


def _root(policy: bytes, book: bytes, attachments: Mapping[str, bytes]) -> bytes:
    """``{policy, book}``, and ``files`` by path where there are any: a bundle without has the CID it always had."""
    root: dict[str, Any] = {"policy": cid_bytes(policy, RAW), "book": cid_bytes(book, RAW)}
    if attachments:
        root["files"] = {path: cid_bytes(source, RAW) for path, source in attachments.items()}
    return encode_block(root)
