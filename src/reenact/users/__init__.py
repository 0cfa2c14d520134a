"""Who speaks for the user in a replay."""
