"""Hooks in frameworks: the one place where each runs a tool asks the recording in a replay."""
