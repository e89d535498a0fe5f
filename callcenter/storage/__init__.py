"""Facts become rows, rows become answers. Never on the path of a call."""
