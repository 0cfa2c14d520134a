"""The order of events: selection, scenario, run test, run, and what became of it."""
