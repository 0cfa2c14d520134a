"""Who answers a tool call in a replay: the recording first, then what was declared, then no one."""
