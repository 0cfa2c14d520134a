"""The server: takes traces from running agents, answers the API, and shows the pages."""
