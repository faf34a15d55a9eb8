"""Closed forms of queueing theory that simulated systems are held to.

Arrival rates are per second, times in seconds; `load` is the arrival rate times the mean service time (erlangs).
"""

from __future__ import annotations

from math import exp, expm1, fsum


def erlang_b(servers: int, load: float) -> float:
    """Return the share of customers that find all servers busy and go away."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return the share of customers that have to wait."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(servers: int, rate: float, service_s: float) -> float:
    """Return the mean wait of an M/M/c queue."""
    load = rate * service_s
    return erlang_c(servers, load) * service_s / (servers - load)


def patience(servers: int, rate: float, service_s: float, patience_s: float) -> tuple[float, float]:
    """Return the share served and the mean wait of those, of an M/M/c queue whose customers leave after a fixed time.

    The density of the offered wait is that of Baccelli and Hebuterne (1981).
    """
    service_rate = servers / service_s
    drift = rate - service_rate
    # Relative to the probability that all servers but one are busy:
    free = 1 / erlang_b(servers - 1, rate * service_s)
    below = rate * expm1(drift * patience_s) / drift
    above = rate * exp(drift * patience_s) / service_rate
    total = free + below + above
    # The integral of x exp(drift x) from 0 to the patience.
    moment = (patience_s * exp(drift * patience_s) - expm1(drift * patience_s) / drift) / drift
    return 1 - above / total, rate * moment / (free + below)


def mean_wait_of_any(servers: int, rate: float, service_s: float, variation: float) -> float:
    """Return the approximate mean wait of an M/G/c queue (Allen and Cunneen); exact for one server.

    `variation` is the coefficient of variation of the service time. For several servers the error is a few per cent
    while that is at most 1, and grows with it and with the number of servers.
    """
    return (1 + variation**2) / 2 * mean_wait(servers, rate, service_s)


def machine_repair(machines: int, repairers: int, running_s: float, repair_s: float) -> tuple[float, float]:
    """Return repairs per second and the mean wait for one, of machines that run and are repaired for ever (M/M/c//N).

    From the probabilities of a birth-and-death process; for exponential times between failures and of repairs.
    """
    weights = [1.0]
    for broken in range(1, machines + 1):
        up, working = machines - broken + 1, min(broken, repairers)
        weights.append(weights[-1] * up / running_s * repair_s / working)
    total = fsum(weights)
    rate = fsum(weight * min(broken, repairers) for broken, weight in enumerate(weights)) / total / repair_s
    line = fsum(weight * max(0, broken - repairers) for broken, weight in enumerate(weights)) / total
    return rate, line / rate


def mean_wait_constant(servers: int, rate: float, service_s: float) -> float:
    """Return the mean wait of an M/D/c queue, from the number of customers one service time later (Crommelin)."""
    load = rate * service_s
    size = 40 + 12 * servers
    coming = [exp(-load)]
    for count in range(1, size):
        coming.append(coming[-1] * load / count)
    states = [1.0] + [0.0] * (size - 1)
    change = 1.0
    while change > 1e-13:
        idle = sum(states[: servers + 1])
        following = [
            idle * coming[count]
            + sum(states[servers + 1 + k] * coming[count - 1 - k] for k in range(min(count, size - servers - 1)))
            for count in range(size)
        ]
        total = sum(following)
        following = [state / total for state in following]
        change = sum(abs(new - old) for new, old in zip(following, states, strict=True))
        states = following
    return sum((count - servers) * state for count, state in enumerate(states) if count > servers) / rate
