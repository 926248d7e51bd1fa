"""cedarpy behind a line protocol, in its own environment: policies, entities and requests once, then timings on demand.

in   {"policies": "..", "entities": [..], "requests": [..], "way": "parsed"}   out  {"allowed": [true, ..]}
in   {"repeats": 20}                                                           out  {"us": 12.3}

``way``: "text" gives cedarpy policies and entities as text at each call; "parsed" parses them once; "lines" does too,
and reads each request from a line of JSON, and writes its answer as one: all lines are then one call.
"""

from __future__ import annotations

import json
import sys
from functools import partial

from cedarpy import Entities, PolicySet, is_authorized
from repeated import p50_us


def main() -> None:
    given = json.loads(sys.stdin.readline())
    policies, entities = given["policies"], given["entities"]
    if given["way"] != "text":
        # Once, as treasurer's policy is: cedarpy's quickest documented way.
        policies, entities = PolicySet.from_str(policies), Entities.from_json_str(json.dumps(entities))
    if given["way"] == "lines":
        calls = [partial(_lines, given["requests"], policies, entities)]
        _say({"allowed": [json.loads(answer)["allowed"] for answer in calls[0]()]})
    else:
        calls = [partial(is_authorized, request, policies, entities) for request in given["requests"]]
        _say({"allowed": [call().allowed for call in calls]})
    for line in sys.stdin:
        _say({"us": p50_us(calls, json.loads(line)["repeats"])})


def _lines(lines: list[str], policies: PolicySet, entities: Entities) -> list[str]:
    return [json.dumps({"allowed": is_authorized(json.loads(line), policies, entities).allowed}) for line in lines]


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


main()
