"""The engine: one conversation loop over an agent, its tools and a user."""
