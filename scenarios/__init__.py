"""scenarios: the devnet, the scenarios played on it, the demo, and what users' own tests import.

The top floor: may import everything below; nothing imports it, its commands are found by entry point.
"""
