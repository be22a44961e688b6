"""`pulumi preview --json --show-sames | python -m review`: the plan held against the policies.

Exit code 0: none is broken, 1: some, 2: no plan.
"""

from __future__ import annotations

import sys

from review.google_policies import RULES, findings
from review.planned import UnreadablePlan, from_preview


def judge(text: str) -> tuple[str, bool]:
    """(what a reviewer reads, whether a rule is broken) of what `pulumi preview --json` wrote. Raises UnreadablePlan."""
    plan = from_preview(text)
    broken = findings(plan)
    google = sum(each.type.startswith("gcp:") for each in plan)
    last = f"{len(broken)} {'finding' if len(broken) == 1 else 'findings'}: {google} resources of Google Cloud, {len(RULES)} rules"
    return "".join(f"{each}\n" for each in [*broken, last]), bool(broken)


def main(text: str) -> int:
    try:
        told, broken = judge(text)
    except UnreadablePlan as problem:
        sys.stderr.write(f"review: {problem}\n")
        return 2
    sys.stdout.write(told)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.read()))
