"""The server: takes traces from running agents, on this machine only."""
