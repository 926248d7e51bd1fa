"""PolicyBundle: a policy and its book as one thing, with one CID, as people sign them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ...wallets.cid import RAW, cid_bytes, cid_of, encode_block
from .book import Book
from .documents import read_file
from .policy import Policy

EMPTY_BOOK = b"version: 1\n"


@dataclass(frozen=True)
class PolicyBundle:
    """The parsed policy and book, and the very bytes they were read from."""

    policy: Policy
    book: Book
    policy_bytes: bytes
    book_bytes: bytes
    cid: str

    @classmethod
    def from_bytes(
        cls, policy: bytes, book: bytes, *, policy_name: str = "policy.yaml", book_name: str = "book.yaml"
    ) -> Self:
        """Of the two documents. Raises DocumentError with every fault of the first that does not load."""
        read_book = Book.read(book, book_name)
        return cls(
            policy=Policy.read(policy, read_book, policy_name),
            book=read_book,
            policy_bytes=policy,
            book_bytes=book,
            cid=cid_of(_root(policy, book)),
        )

    @classmethod
    def read(cls, policy_path: str | Path, book_path: str | Path | None) -> Self:
        """Of two files; without a book, of the policy and an empty one. Raises PolicyError."""
        book = EMPTY_BOOK if book_path is None else read_file(book_path)
        return cls.from_bytes(
            read_file(policy_path), book, policy_name=str(policy_path), book_name=str(book_path or "book.yaml")
        )

    def blocks(self) -> dict[str, bytes]:
        """The blocks to publish by CID: the two documents as they are, and the root that links them."""
        root = _root(self.policy_bytes, self.book_bytes)
        return {
            cid_of(self.policy_bytes, RAW): self.policy_bytes,
            cid_of(self.book_bytes, RAW): self.book_bytes,
            cid_of(root): root,
        }


def _root(policy: bytes, book: bytes) -> bytes:
    return encode_block({"policy": cid_bytes(policy, RAW), "book": cid_bytes(book, RAW)})
