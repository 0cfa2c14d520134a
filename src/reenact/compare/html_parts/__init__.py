"""The parts of the HTML report, each a function from a view to escaped HTML."""
