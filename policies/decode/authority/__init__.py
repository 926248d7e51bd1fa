"""authority: functions and signatures that hand over power: owners, roles, code, votes, timelocks.

Imports `draft`.
"""
