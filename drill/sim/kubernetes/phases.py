"""The phases of a pod.

Separate because pods, ReplicaSets, exporters and views all speak of them.
"""

from __future__ import annotations

PENDING, STARTING, RUNNING, BACKING_OFF, TERMINATING, GONE = (
    "Pending",
    "ContainerCreating",
    "Running",
    "CrashLoopBackOff",
    "Terminating",
    "Gone",
)
