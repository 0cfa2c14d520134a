"""Shapes that several dialects share: JSON in strings, chat messages, flattened keys."""
