"""Ways to spoil a good flow. Each names the widget that the check must name, and a piece of what it must say."""

from __future__ import annotations

from tests.studio_flows.mutations_of_form import FORMS
from tests.studio_flows.mutations_of_sense import SENSES

MUTATIONS = [*FORMS, *SENSES]
