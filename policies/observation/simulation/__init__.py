"""simulation: what the calls would do, by eth_simulateV1, a trace or a fork, and looked at twice where not pinned.

Imports `reads` and the chain client of `wallets`.
"""
