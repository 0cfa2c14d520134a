"""Who may ask the server: the password, logins and API keys."""
