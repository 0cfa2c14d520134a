"""What Reenact costs, beside a floor that was measured in the same run.

    python -m benchmarks            all of these
    python -m benchmarks replay     conversations over HTTP and in process
    python -m benchmarks start      `import reenact` and `reenact --help`
    python -m benchmarks capture    import of OTLP captures

    python -m benchmarks ingest     the receiver and its store, beside Phoenix and MLflow

Every figure comes from a process of its own. What is compared is measured in turns, several
times, and the medians are compared: a machine that is busy for a while slows both sides.
"""
