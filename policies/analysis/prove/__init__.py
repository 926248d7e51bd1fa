"""prove: can this policy ever let X through? Searched with z3, and whatever is found is tried with the real engine.

Imports the rest of `analysis`; z3 only inside functions.
"""
