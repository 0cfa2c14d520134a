"""A recording beside its replay: statuses, diffs, metrics, and the report. Pure."""
