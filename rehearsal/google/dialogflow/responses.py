"""How Dialogflow's REST API shows its resources, and the answers that Agent Assist gives to what was said.

The texts of suggestions are made out of the conversation itself: nothing here knows any answer beforehand.
"""

from __future__ import annotations

from typing import Any

from rehearsal.google.cloud import Thing
from rehearsal.google.dialogflow.profile_fields import fields
from rehearsal.google.dialogflow.state import Conversation, PhoneNumber
from rehearsal.google.families.kind import last


def phone_number(number: PhoneNumber, project: str) -> dict[str, Any]:
    answer = {"name": number.name(project), "phoneNumber": number.phone_number, "lifecycleState": "ACTIVE"}
    return {**answer, **({"conversationProfile": number.conversation_profile} if number.conversation_profile else {})}


def profile(thing: Thing) -> dict[str, Any]:
    return {"languageCode": "en-US", **fields(thing), "name": thing.id}


def conversation(each: Conversation) -> dict[str, Any]:
    answer = {
        "name": each.name,
        "lifecycleState": each.lifecycle,
        "conversationProfile": each.profile,
        "startTime": each.started,
        "conversationStage": "HUMAN_ASSIST_STAGE",
    }
    return {**answer, **({"endTime": each.ended} if each.ended else {})}


def participants(each: Conversation) -> list[dict[str, Any]]:
    return [{"name": name, "role": role} for role, name in each.participants.items()]


def knowledge_assist(each: Conversation, message: dict[str, Any], context: int = 20) -> dict[str, Any]:
    """SuggestKnowledgeAssistResponse to the newest message."""
    query = " ".join(message["content"].split()[:12])
    record = message["name"].replace("/conversations/", "/answerRecords/").partition("/messages/")
    return {
        "knowledgeAssistAnswer": {
            "suggestedQuery": {"queryText": query},
            "suggestedQueryAnswer": {"answerText": f"About “{query}”: {len(each.messages)} messages were considered."},
            "answerRecord": f"{record[0].rpartition('/')[0]}/{last(record[2])}",
        },
        "latestMessage": message["name"],
        "contextSize": min(len(each.messages), context),
    }


def suggestion(feature: str, each: Conversation, message: dict[str, Any]) -> dict[str, Any] | None:
    """One SuggestionResult of HumanAgentAssistantEvent; None for features whose results are only given on request."""
    query, latest = message["content"], {"latestMessage": message["name"], "contextSize": len(each.messages)}
    if feature == "KNOWLEDGE_ASSIST":
        return {"suggestKnowledgeAssistResponse": knowledge_assist(each, message)}
    if feature == "ARTICLE_SUGGESTION":
        return {"suggestArticlesResponse": {"articleAnswers": [{"title": query, "confidence": 0.5}], **latest}}
    if feature == "FAQ":
        return {
            "suggestFaqAnswersResponse": {
                "faqAnswers": [{"question": query, "answer": query, "confidence": 0.5}],
                **latest,
            }
        }
    if feature == "SMART_REPLY":
        return {"suggestSmartRepliesResponse": {"smartReplyAnswers": [{"reply": query, "confidence": 0.5}], **latest}}
    if feature == "DIALOGFLOW_ASSIST":
        return {"suggestDialogflowAssistsResponse": {"dialogflowAssistAnswers": [], **latest}}
    return None


def summary(each: Conversation) -> dict[str, Any]:
    """SuggestConversationSummaryResponse."""
    spoken = "; ".join(f"{m['participantRole'].lower().replace('_', ' ')}: {m['content']}" for m in each.messages)
    latest = {"latestMessage": each.messages[-1]["name"]} if each.messages else {}
    return {
        "summary": {"text": spoken, "textSections": {"situation": spoken}},
        **latest,
        "contextSize": len(each.messages),
    }
