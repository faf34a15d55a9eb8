"""A commented scenario to begin from, which is valid and keeps its promises.

Separate because it is a text for authors: what stands in it is explained there and nowhere else.
"""

from __future__ import annotations

SKETCH = """\
# A drill. Causes stand here; effects come out of the simulation and are only checked, under `expects`.
# `drill check {path}` names every mistake; `drill check --play {path}` also simulates what is promised below.
# `drill schema` describes every key; an editor that knows JSON Schema can use it.
format: drill-scenario/1

card:  # what `drill list` shows; never a cause
  title: "{title}"
  difficulty: 1  # to 5
  minutes: 10
  family: "{id}"
  summary: Users wait since the evening began.

length: 8m
paged_at: 3m  # when the responder is called; the drill opens here
warm_up: 10s

slo:  # what users were promised
  success: 99%
  latency: 2s

traffic:  # random arrivals at a rate over time
  rate: 20/s
  points:
    - {{at: 2m, rate: 50/s, over: 20s}}

topology:  # gateway, deployments with pools and programs, database
  gateway: {{timeout: 10s}}
  deployments:
    shop:
      replicas: 4
      start_up: 5s
      cores: 1
      pools:
        db: {{to: database, size: 2, checkout_timeout: 3s}}
      endpoints:
        buy:
          program:  # what a pod does for one request, in order
            - compute: 5ms
            - borrow: db
            - query: UPDATE stock SET left = left - 1 WHERE sku = $1
              time: {{mean: 200ms, shape: lognormal, sigma: 0.5}}  # uses no CPU
              cpu: {{mean: 4ms, shape: lognormal, sigma: 0.4}}  # on a core of the database
            - return: db
  database:
    cores: 4
    max_connections: 100

redraw:  # what the seed draws, so that nobody can learn numbers by heart
  evening: {{at: [traffic, points, 0, rate], low: 48/s, high: 54/s}}

story:
  page: |
    PAGE 20:03  shop-errors  severity: high
    More than 5 requests a second have failed for half a minute.
  objectives:
    - Find what users wait for.

  dashboard:  # charts the team really has
    pod-cpu: {{title: Pod CPU, metric: container_cpu_usage_seconds_total, unit: cores, combine: mean, per_second: true}}
    requests: {{title: Requests, metric: nginx_ingress_controller_requests, unit: /s, per_second: true}}

  alerts:
    shop-errors:
      metric: nginx_ingress_controller_requests
      where: {{status: 5*}}
      above: 5
      per_second: true
      lasting: 30s
      text: Failed requests above 5/s

  suspects:  # at least three, each with the reading that only it gives
    pool-too-small:
      title: The pools are too small for the evening
      mechanism: pool size
      place: shop
      trigger: traffic
      tell: Pools full with a queue, few sessions in the database, and statements as fast as ever.
    database-busy:
      title: The database is out of CPU
      mechanism: CPU saturation
      place: database
      trigger: traffic
      tell: The database's CPU at its limit.
    pods-busy:
      title: There are too few pods
      mechanism: CPU saturation
      place: shop
      trigger: traffic
      tell: Pod CPU near its limit.
  answer: pool-too-small

  solutions:  # each recovers, and avoids at least 85 % of what the best one does
    larger-pools:
      title: Give each pod more connections, within the budget
      teaches: Here there is room - all pools together stay far below what the server lets in.
      entries:
        - {{at: 3m10s, look: pools}}
        - {{at: 3m20s, look: pg_stat_activity}}
        - {{at: 3m30s, diagnose: {{pool-too-small: 90, database-busy: 10}}}}
        - {{at: 3m40s, do: set-pool-size, deployment: shop, pool: db, size: 8}}
    more-pods:
      title: Add pods, which bring pools of their own
      teaches: It works for the same reason, and costs more.
      entries:
        - {{at: 3m40s, do: scale, deployment: shop, replicas: 14}}

  traps:  # tempting, and no help
    restart:
      title: Restart the pods
      teaches: The same pools come back.
      entries:
        - {{at: 3m10s, do: restart-pods, deployment: shop}}

  hints:  # from vague to plain
    - {{text: The pods are idle. What do users wait for?, cost: 3}}
    - {{text: Open the pools and read in use and waiting., cost: 8}}

  guards:  # what would have prevented it
    budget:
      title: Pools sized for the evening
      changes: {{topology: {{deployments: {{shop: {{pools: {{db: {{size: 8}}}}}}}}}}}}

  runbook:
    - title: Errors
      text: Look at pod CPU first.

  debrief:
    summary: More requests were under way than all pools together had connections, so they queued for one.
    tell: Full pools with a queue, beside a database with few sessions and little to do.
    look_alike: A busy database fills pools too, but then its CPU is at its limit.

expects:  # what must come out; without any one of the named causes it must not
  healthy-before:
    {{figure: success_rate, start: 10s, end: 2m, at_least: 99%}}
  outage:
    figure: success_rate
    start: 3m
    end: 8m
    at_most: 80%
    without:
      the-evening: {{traffic: {{points: null}}}}
      the-small-pools: {{topology: {{deployments: {{shop: {{pools: {{db: {{size: 8}}}}}}}}}}}}
  pods-look-calm:
    {{figure: pod_cpu, stat: max, start: 3m, end: 8m, at_most: 30%}}
  larger-pools-recover:
    {{figure: success_rate, start: 5m, end: 8m, at_least: 99%, player: larger-pools}}
  restarting-does-not:
    {{figure: success_rate, start: 5m, end: 8m, at_most: 80%, player: restart}}
"""


def sketch(id_: str, path: str) -> str:
    """Return the text of a new scenario with an id, which will lie at a path."""
    title = id_.replace("-", " ").replace("_", " ").capitalize()
    return SKETCH.format(id=id_, path=path, title=title)
