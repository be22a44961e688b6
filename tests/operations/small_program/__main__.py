"""Three things, one after the other."""

import pulumi
from things import Thing

before = None
for name in ("first", "second", "third"):
    before = Thing(name, opts=pulumi.ResourceOptions(depends_on=[before] if before else []))
