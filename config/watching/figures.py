"""Figures that a web process counts itself. What the tables know is asked of them instead (tables.py).

Several processes of one server share a folder (processes.py), so that whichever is asked tells the sum.
"""

from prometheus_client import Counter, Histogram

ANSWERED = Counter("fenliu_http_requests", "Requests answered.", ["method", "view", "status"])
REFUSED = Counter(
    "fenliu_http_refused",
    "Requests refused with 503 before they were run: full, party (one shop or key has its share), late, database.",
    ["reason"],
)
LATENCY = Histogram(
    "fenliu_http_request_seconds",
    "From a request to its answer, without the time on the network. Streams are not among them.",
    ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
