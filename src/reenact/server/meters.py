"""What the receiver counts, in the form that Prometheus reads (`GET /metrics`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reenact.capture.ingest import Ingested
from reenact.capture.otlp import Signal
from reenact.capture.parallel import PostRead
from reenact.capture.retention import Swept
from reenact.errors import BodyTooLarge, DecodeError, Overloaded, ReenactError
from reenact.server.inbox import Inbox

_COMMIT_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Meters:
    """The receiver's counters. Each server has its own registry, so that none are shared."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._posts = Counter(
            "reenact_posts", "Export requests, by signal and outcome.", ["signal", "outcome"],
            registry=registry,
        )  # fmt: skip
        self._spans = Counter(
            "reenact_spans", "Spans received, by what became of them.", ["fate"],
            registry=registry,
        )  # fmt: skip
        self._logs = Counter(
            "reenact_log_records", "Log records received, by what became of them.", ["fate"],
            registry=registry,
        )  # fmt: skip
        self._bytes = Counter(
            "reenact_received_bytes", "Bytes of bodies, inflated.", registry=registry
        )
        self._commit = Histogram(
            "reenact_commit_seconds", "Time to make one group of posts durable.",
            buckets=_COMMIT_SECONDS, registry=registry,
        )  # fmt: skip

        self._swept = Counter(
            "reenact_swept_conversations", "Conversations that retention deleted, and why.",
            ["project", "reason"], registry=registry,
        )  # fmt: skip

        self._failed_sweeps = Counter(
            "reenact_failed_sweeps", "Sweeps that retention could not finish, by error.",
            ["error"], registry=registry,
        )  # fmt: skip

    def watch(self, inbox: Inbox) -> None:
        """Show the depth of `inbox` whenever the meters are read."""
        self.registry.register(_Depth(inbox))

    def taken(self, signal: Signal, post: PostRead) -> None:
        """Count a body of which all that can be read is durable."""
        outcome = "partial" if post.rejected else "ok"
        self._posts.labels(signal, outcome).inc()
        self._bytes.inc(post.size)
        if signal == "logs":
            self._logs.labels("ignored").inc(post.ignored)
            self._logs.labels("rejected").inc(post.rejected)
        elif signal != "metrics":
            self._spans.labels("rejected").inc(post.rejected)

    def refused(self, signal: Signal, error: ReenactError) -> None:
        """Count a body that was not taken."""
        self._posts.labels(signal, _outcome(error)).inc()

    def stored(self, done: Ingested, seconds: float) -> None:
        """Count what a commit stored, and how long it took."""
        self._spans.labels("stored").inc(done.taken)
        self._spans.labels("duplicate").inc(done.duplicates)
        self._logs.labels("stored").inc(done.logs)
        self._commit.observe(seconds)

    def swept(self, done: Iterable[Swept]) -> None:
        """Count what retention deleted."""
        for one in done:
            self._swept.labels(one.project, "expired").inc(one.expired)
            self._swept.labels(one.project, "sampled_out").inc(one.sampled_out)

    def sweep_failed(self, error: Exception) -> None:
        """Count a sweep that did not come to its end."""
        self._failed_sweeps.labels(type(error).__name__).inc()

    def text(self, *, sees: Callable[[str], bool] = lambda project: True) -> bytes:
        """Return it in Prometheus' text format, without the projects that `sees` denies."""
        shown = CollectorRegistry()
        shown.register(_Seen(self.registry, sees))
        return generate_latest(shown)


class _Seen(Collector):
    def __init__(self, registry: CollectorRegistry, sees: Callable[[str], bool]) -> None:
        self._registry = registry
        self._sees = sees

    def collect(self) -> Iterable[Metric]:
        for family in self._registry.collect():
            family.samples = [
                sample
                for sample in family.samples
                if "project" not in sample.labels or self._sees(sample.labels["project"])
            ]
            yield family

    def describe(self) -> Iterable[Metric]:
        return ()


class _Depth(Collector):
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def collect(self) -> Iterable[Metric]:
        depth = self._inbox.depth
        yield GaugeMetricFamily("reenact_queue_posts", "Posts that wait.", value=depth.posts)
        yield GaugeMetricFamily("reenact_queue_bytes", "Bytes that wait.", value=depth.bytes)
        yield GaugeMetricFamily(
            "reenact_queue_lag_seconds", "How long the oldest post has waited.", value=depth.lag_s
        )


def _outcome(error: ReenactError) -> str:
    if isinstance(error, Overloaded):
        return "overloaded"
    if isinstance(error, BodyTooLarge):
        return "too_large"
    return "unreadable" if isinstance(error, DecodeError) else "not_stored"
