"""accounts: contracts that make calls for their owners: Safes, smart accounts, EntryPoints, Multicall3; delegations.

Imports `draft` and `tokens`.
"""
