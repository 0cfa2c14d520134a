"""The embedded span store: one SQLite file, SQL written by hand."""
