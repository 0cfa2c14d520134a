"""Where things are kept: spans, records, and the journal of runs."""
