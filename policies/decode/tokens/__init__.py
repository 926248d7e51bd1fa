"""tokens: ERC-20, 721, 1155, 4626, WETH9 and Permit2, by call and by signature.

Imports `draft`.
"""
