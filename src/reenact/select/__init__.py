"""Which conversations: ids, or all that match a filter, frozen to recordings."""
