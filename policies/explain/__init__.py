"""explain: verdicts, effects and reasons in words for people; nothing here decides.

Imports the vocabulary, `language`, `decode` and `judgement`.
"""
