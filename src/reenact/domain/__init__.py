"""What exists: spans, conversations, recordings, scenarios, runs, comparisons. No I/O."""
