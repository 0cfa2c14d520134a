"""Importers: one file per foreign export of recorded talks.

Each has `conversations_in(path, *, project, on_reject)`. It yields the conversations of a file
one by one; what it cannot take it hands to `on_reject` as one sentence that names the place in the
file and the reason, and goes on with the next. It raises where the file as a whole is
not of its format.
"""
