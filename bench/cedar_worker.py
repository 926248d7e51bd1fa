"""cedarpy behind a line protocol, in its own environment: policies, entities and requests once, then timings on demand.

in   {"policies": "..", "entities": [..], "requests": [..]}   out  {"allowed": [true, ..]}
in   {"repeats": 20}                                          out  {"us": 12.3}
"""

from __future__ import annotations

import json
import sys
from functools import partial

from cedarpy import Entities, PolicySet, is_authorized
from repeated import p50_us


def main() -> None:
    given = json.loads(sys.stdin.readline())
    # Parsed once, as treasurer's policy is: cedarpy's quickest documented way.
    policies = PolicySet.from_str(given["policies"])
    entities = Entities.from_json_str(json.dumps(given["entities"]))
    calls = [partial(is_authorized, request, policies, entities) for request in given["requests"]]
    _say({"allowed": [call().allowed for call in calls]})
    for line in sys.stdin:
        _say({"us": p50_us(calls, json.loads(line)["repeats"])})


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


main()
