"""Capture: OTLP in, dialects read, conversations assembled when they are asked for."""
