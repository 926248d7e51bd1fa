"""runtime: the product that runs: processes, configuration, automations, the audit log, the chat, the command line.

May import everything but scenarios, whose commands it finds by entry point; nothing below imports it.
It exports nothing by itself: ask ``runtime.agent``, ``runtime.guard``, ``runtime.audit``.
"""
