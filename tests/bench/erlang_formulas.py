"""Mean waits of queues that theory knows: Erlang C (all wait) and Erlang A (some give up). Pure."""


def wait_of_patient(servers: int, load: float, service_seconds: float) -> float:
    """Erlang C: mean wait of all callers; `load` in erlangs, below `servers`."""
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    delayed = servers * blocked / (servers - load * (1 - blocked))
    return delayed * service_seconds / (servers - load)


def wait_of_impatient(
    servers: int, load: float, service_seconds: float, patience_seconds: float
) -> float:
    """Erlang A: mean wait of all callers, those who gave up included.

    Birth and death over the number of callers; the line is cut where nobody ever stands.
    """
    longest = servers + 60 * servers + 200
    weight, total, waiting = 1.0, 1.0, 0.0
    for present in range(1, longest):
        leaving = min(present, servers) / service_seconds
        leaving += max(0, present - servers) / patience_seconds
        weight *= load / service_seconds / leaving
        total += weight
        waiting += weight * max(0, present - servers)
        if total > 1e200:
            weight, total, waiting = weight / total, 1.0, waiting / total
    return waiting / total / (load / service_seconds)
