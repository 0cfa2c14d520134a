"""When two tool calls ask the same, how arguments differ, and how texts differ. Pure."""
