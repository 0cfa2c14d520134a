"""How to reach the agent under test: one file per way, one port for all of them."""
