"""The server at a large store: lists, comparisons, readers while spans come in, the first page."""
