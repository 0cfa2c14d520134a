"""Scenarios: from a selection of recordings to rows to run, and the graph of their talks."""
