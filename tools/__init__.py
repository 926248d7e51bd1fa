"""tools: see docs/architecture."""
