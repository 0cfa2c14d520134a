"""The receiver and its store: how fast, how large, how safe, beside Phoenix and MLflow.

    python -m benchmarks ingest                     all parts, about 20 minutes
    python -m benchmarks ingest --only ours         some parts: see `--help`
    python -m benchmarks ingest --sessions 200      a small load, to see that everything runs

`reenact serve` and the peers run as processes of their own, in a new home each time, and get
the same posts from the same client. Rounds of ours and the peers take turns. Where a figure is
compared, both sides are of this one run.
"""
