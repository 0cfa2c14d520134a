"""Live fetch: traces out of another tool's API, page by page, from where the last one ended.

`access` says where to and with which keys, `client` asks with patience, one module per source
turns its pages into spans, `progress` remembers how far a fetch came, `fetch` does the work.
"""
