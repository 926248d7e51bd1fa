"""venues: Uniswap, Aave, Seaport and ENS, by call and by signature.

Imports `draft` and `tokens`.
"""
