"""The pictures in metrics/README.md: a simulated day in a real Prometheus, asked by the pages.

    python -m tests.pictures

Not a test: run it when the pages change. The day is played by the real engine in seconds; its
metrics, minute by minute, are loaded into Prometheus with promtool; the rules are run over it.
"""
