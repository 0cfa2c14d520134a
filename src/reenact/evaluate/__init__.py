"""Expectations judged, and the verdicts that follow. Pure."""
