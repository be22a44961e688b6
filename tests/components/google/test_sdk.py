"""The check against the SDK must find what it is for."""

from __future__ import annotations

import pulumi_gcp as gcp

from tests.components.google.sdk import unknown_inputs
from tests.graph import record


def test_a_misspelt_nested_property_is_found():
    def program() -> None:
        gcp.diagflow.ConversationProfile(
            "p",
            display_name="p",
            location="global",
            human_agent_assistant_config={
                "human_agent_suggestion_config": {"feature_configs": [{"enable_events": True}]}
            },
        )

    (profile,) = record(program)
    assert unknown_inputs(profile) == [
        "p: humanAgentAssistantConfig.humanAgentSuggestionConfig.featureConfigs.enable_events"
    ]
