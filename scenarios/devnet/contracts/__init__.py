"""contracts: our own Vyper contracts of the devnet, as source, and as the ABI and bytecode that are shipped.

Data, and `compile.py` that makes the JSON from the source; imports nothing of ours.
"""
