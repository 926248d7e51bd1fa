"""Signers: what holds the wallet's key and signs exactly what a clearance names. One file each.

Runs in the signer process; may import the rest of wallets only.
"""

from .desk import SigningDesk
from .keystore import KeystoreSigner, create_keystore, open_keystore

__all__ = ["KeystoreSigner", "SigningDesk", "create_keystore", "open_keystore"]
