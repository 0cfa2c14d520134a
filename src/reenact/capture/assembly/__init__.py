"""Assembly: the spans of one conversation become its items, when it is read."""

from reenact.capture.assembly.conversation import assemble

__all__ = ["assemble"]
