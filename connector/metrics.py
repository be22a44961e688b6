"""Metrics in Prometheus' text format on a port of their own, for the sidecar that Cloud Run offers (Managed Service for
Prometheus). Only this machine can reach it: the sidecar runs in the same network, the public does not.

Names and units follow Prometheus' conventions: seconds, `_total`, one thing per name.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from connector.measures import LAG_BUCKETS, Gauges, Measures

HOST = "127.0.0.1"


class _Collector(Collector):
    def __init__(self, measures: Measures, gauges: Gauges) -> None:
        self._measures, self._gauges = measures, gauges

    def collect(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]:
        for name, (text, value) in self._gauges.items():
            kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            yield kind(f"connector_{name}", text, value=value())
        for name, text, number in self._plain():
            yield CounterMetricFamily(f"connector_{name}", text, value=number)
        measures = self._measures
        pushes = CounterMetricFamily("connector_pushes", "Pub/Sub messages, by event and what became of them", labels=("event", "outcome"))
        for (event, outcome), number in measures.events.copy().items():
            pushes.add_metric((event, outcome), number)
        yield pushes
        for name, text, label, counts in (
            ("pushes_refused", "Pushes without the identity that may push", "cause", measures.pushes_refused),
            ("logins_refused", "Refused registrations and Socket.IO logins", "route", measures.refused_logins),
            ("rate_limited", "Requests that were told to come later", "route", measures.limited),
        ):
            family = CounterMetricFamily(f"connector_{name}", text, labels=(label,))
            for value, number in counts.copy().items():
                family.add_metric((value,), number)
            yield family
        buckets = list(zip([*map(str, LAG_BUCKETS), "+Inf"], map(float, accumulate(measures.lag)), strict=True))
        yield HistogramMetricFamily(
            "connector_delivery_lag_seconds",
            "From the moment an event is in Redis until it is handed to the clients here",
            buckets=buckets,
            sum_value=measures.lag_seconds,
        )

    def _plain(self) -> Iterable[tuple[str, str, int]]:
        measures = self._measures
        yield "events_heard", "Events that Redis published to rooms of this instance", measures.published
        yield "events_delivered", "Events sent to clients, once per client", measures.delivered
        yield "events_replayed", "Kept events that a client was sent on joining, coming back, or after an outage", measures.replayed
        yield "memberships_restored", "Clients that were let back into their conversations", measures.restored
        yield "slow_clients_cut_off", "Clients that did not keep up", measures.too_slow
        yield "requests_relayed", "Requests carried to the instance that has their session", measures.relayed
        yield "calls_in_parallel", "Calls that were named while another one of the same number was known", measures.parallel_calls


def serve(port: int, measures: Measures, gauges: Gauges) -> None:
    """Answers /metrics in a thread of its own until the process ends. Raises OSError when the port is taken."""
    registry = CollectorRegistry()
    registry.register(_Collector(measures, gauges))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    start_http_server(port, addr=HOST, registry=registry)
