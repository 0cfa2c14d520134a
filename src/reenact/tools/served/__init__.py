"""A recording's tools for agents that call theirs elsewhere: over MCP, and over plain HTTP."""
