"""How the connector holds up: `python -m tools.bench.connector`; what is measured and how, is in docs/benchmarks.md."""
