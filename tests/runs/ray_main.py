"""A Ray cluster of two nodes with a processor each, beside a head with none, until the standard input ends."""

import sys

from genlab.runs import recorder
from genlab.runs.cluster import one_run
from tests.runs.conftest import QUICK

MEMORY = 80 * 1024 * 1024


def quickly(environment: dict[str, str], given_up: list[str], scores: bool) -> tuple[bool, list[str]]:
    """What a task does in the tests: it writes all the time."""
    vars(recorder).update(QUICK)
    return one_run(environment, given_up, scores)


def main() -> None:
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": MEMORY, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
    for _ in range(2):
        cluster.add_node(num_cpus=1, **small)
    sys.stdout.write(f"{cluster.address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main()
