"""Names, hashes and unique ids of Kubernetes objects, the same for the same run.

Separate because they are derived from what an object is, and never drawn.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from drill.scenario.kubernetes import RolloutSpec

if TYPE_CHECKING:
    from drill.scenario.topology import DeploymentSpec

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters and digits of generated names, as in `k8s.io/apimachinery/pkg/util/rand`."""
_HASH_LETTERS = 9
NAMESPACE = "default"


def uid(name: str) -> str:
    """Return an object's unique id, in the form of a UUID."""
    digits = hashlib.sha256(f"uid/{name}".encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def template(spec: DeploymentSpec) -> str:
    """Return what a deployment's pods are made of, as text; how many there are and how they are rolled is no part."""
    return repr(replace(spec, replicas=0, previous=None, fixes={}, autoscaler=None, rollout=RolloutSpec()))


def template_hash(deployment: str, text: str, restarted: int) -> str:
    """Return the pod-template-hash; `restarted` counts what `kubectl rollout restart` stamps on a template."""
    digest = hashlib.sha256(f"{deployment}/{restarted}/{text}".encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:_HASH_LETTERS])
