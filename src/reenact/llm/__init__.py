"""One port to a language model. Nothing here is needed for an exact replay."""
