"""described: functions and messages that the signed book declares, or a signed ABI or descriptor names.

Imports `draft` and `book`.
"""
