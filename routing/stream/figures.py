"""What this process's tailer tells Prometheus (docs/operations.md)."""

from prometheus_client import Gauge, Histogram

STREAMS = Gauge("fenliu_streams", "Open streams, of agents and of buyers.", multiprocess_mode="livesum")
LAG = Histogram(
    "fenliu_stream_lag_seconds",
    "From what happened to when it is handed to the streams.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
LOOKED = Gauge(
    "fenliu_stream_looked_timestamp_seconds",
    "When a process with open streams last read the shops' events; of several the one that is furthest behind.",
    multiprocess_mode="livemin",
)
