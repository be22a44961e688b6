"""`pulumi preview --json | python -m review`: the plan held against the policies. Exit code 0: none is broken, 1: some, 2: no plan."""

from __future__ import annotations

import sys

from review.google_policies import RULES, findings
from review.planned import UnreadablePlan, from_preview


def main(text: str) -> int:
    try:
        plan = from_preview(text)
    except UnreadablePlan as problem:
        sys.stderr.write(f"review: {problem}\n")
        return 2
    broken = findings(plan)
    for each in broken:
        sys.stdout.write(f"{each}\n")
    google = sum(each.type.startswith("gcp:") for each in plan)
    sys.stdout.write(f"{len(broken)} findings: {google} resources of Google Cloud, {len(RULES)} rules\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.read()))
