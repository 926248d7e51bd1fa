"""draft: what every decoder works with: the draft of effects, calls inside calls, strict ABI and EIP-712 reading.

Imports the vocabulary of `policies` alone.
"""
