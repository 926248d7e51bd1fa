"""check: `treasurer policy check`: proposals as JSON lines in, verdicts as JSON lines out, nothing raised.

Imports everything else of `policies`.
"""
