"""A Reenact server somewhere else, asked by its API for what the stores here would give."""
