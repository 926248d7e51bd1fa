"""policies: from the bytes to be signed to a verdict: decode, simulate, judge, count.

May import wallets' vocabulary, nothing above. Everything here but observing the chain is a function of its inputs.
"""
