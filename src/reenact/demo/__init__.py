"""The demo: a small support agent, the week that was captured of it, and the story of one bug."""
