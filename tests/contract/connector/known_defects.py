"""Where Google's public connector (agent-assist-integrations at 9425334) does not keep this contract.

Each defect has what the contract asks for instead, and the tests of this suite that show it: names as pytest gives them, below
this folder; a name without its last bracket stands for all that begin so. Measured by `python -m tests.contract.connector.compare`
against that commit with its pinned requirements, unmodified but for the place of its key file: exactly these failed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """`wanted`: the contract's words; `shown_by`: tests."""

    wanted: str
    shown_by: tuple[str, ...]


_REGISTERING = "test_registering.py::TestAgents::"
_NAMES = "test_conversation_names.py::"
_DIALOGFLOW = "test_dialogflow.py::"
_SOCKETS = "test_socket_io.py::"
_EVENTS = "test_events.py::"
_MANY = "test_with_many_agents.py::"

KNOWN_DEFECTS_OF_THE_PUBLIC_CONNECTOR: dict[str, Defect] = {
    "the signing key is read and dropped": Defect(
        "tokens are signed and checked with the key of the mounted file; the empty key is none",
        (
            f"{_REGISTERING}test_token_is_signed_with_the_key_of_the_file",
            "test_tokens.py::test_token_signed_with_the_key_of_the_file_is_good",
            "test_tokens.py::TestHttp::test_bad_token[empty-key-",
            "test_tokens.py::test_bad_token_at_socket_io[empty-key-",
            # Signed with that key, so they are not even read as far as the claim that is wrong.
            "test_tokens.py::TestHttp::test_bad_token[no-project-",
            "test_tokens.py::TestHttp::test_bad_token[wrong-project-",
            "test_tokens.py::TestHttp::test_bad_token[no-expiry-",
        ),
    ),
    "part of an organisation's ID is enough": Defect(
        "the organisation is compared whole",
        tuple(f"{_REGISTERING}test_part_of_an_org_is_no_org[{part}]" for part in ("0", "00D", "14")),
    ),
    "the agent's access token is part of an address": Defect(
        "the access token travels in a header, with or without Bearer in any case",
        (
            f"{_REGISTERING}test_access_token_is_never_part_of_an_address",
            f"{_REGISTERING}test_access_token_of_the_org[lower-case]",
        ),
    ),
    "a vendor that is slow or out of order counts as a refusal, or holds a thread": Defect(
        "Salesforce and Twilio are given five seconds; 503 says that they did not answer",
        (
            f"{_REGISTERING}test_salesforce_out_of_order_is_503",
            f"{_REGISTERING}test_slow_salesforce_is_given_up_before_it_answers",
        ),
    ),
    "credentials of any account are tried at Twilio": Defect(
        "another account's credentials are refused without asking",
        ("test_registering.py::TestApplications::test_credentials_of_another_account_are_not_tried",),
    ),
    "JSON of an unexpected shape is an internal error": Defect(
        "what is no object, or holds no text where text is due, is refused with 400",
        (
            f"{_REGISTERING}test_body_of_another_shape_is_400",
            "test_registering.py::TestApplications::test_json_of_another_shape_is_refused[array]",
            "test_registering.py::TestApplications::test_json_of_another_shape_is_refused[text]",
            f"{_NAMES}TestKeys::test_what_is_no_json_object[array]",
            f"{_NAMES}TestKeys::test_what_is_no_json_object[text]",
            *(
                f"{_NAMES}TestKeys::test_bad_key_or_name_is_400[{kind}]"
                for kind in ("no-key", "number-as-key", "number-as-name", "object-as-name")
            ),
        ),
    ),
    "anything can be named under any key": Defect(
        "a name is a conversation of this project, a key is none of undefined and null; what is refused changes nothing",
        (
            *(
                f"{_NAMES}TestKeys::test_bad_key_or_name_is_400[{kind}]"
                for kind in ("undefined", "no-conversation", "another-project")
            ),
            f"{_NAMES}TestKeys::test_refused_name_does_not_replace_the_call",
            f"{_NAMES}TestKeys::test_refused_empty_key_is_not_kept",
            f"{_NAMES}TestPhoneNumbers::test_what_javascript_writes_for_nothing_never_finds_a_call",
        ),
    ),
    "only bare digits find a call": Defect(
        "a number is found however it is written", (f"{_NAMES}TestPhoneNumbers::test_spelling_finds_the_call",)
    ),
    "every token may do everything": Defect(
        "an application's token only names conversations; an agent's joins, looks up and uses Dialogflow",
        (f"{_NAMES}TestRoles::", f"{_SOCKETS}TestConnecting::test_application_may_not_connect"),
    ),
    "refusals are pages": Defect(
        "every refusal but the two 401 of registering is JSON with a message", (f"{_NAMES}TestRefusalsAreJson::",)
    ),
    "every page of the web may call": Defect(
        "origins are the org's and the configured ones",
        (
            f"{_NAMES}TestCrossOrigin::test_foreign_origin_may_not_read",
            f"{_NAMES}TestCrossOrigin::test_preflight_of_a_foreign_origin",
            f"{_SOCKETS}TestOpening::test_foreign_origin_may_not_poll",
            f"{_SOCKETS}TestOpening::test_foreign_origin_may_not_open_a_websocket",
        ),
    ),
    "the path chooses host, project and method": Defect(
        "version, location, project and method are of a list; 404 otherwise, and nothing is sent",
        (
            f"{_DIALOGFLOW}TestNotOffered::test_location_never_chooses_the_host",
            f"{_DIALOGFLOW}TestNotOffered::test_path_never_leaves_the_list",
            f"{_DIALOGFLOW}TestNotOffered::test_another_project_is_404",
            f"{_DIALOGFLOW}TestNotOffered::test_unknown_version_is_404",
            f"{_DIALOGFLOW}TestNotOffered::test_parameter_that_changes_the_request_is_400",
        ),
    ),
    "Dialogflow's answers are passed on as they come, or not at all": Defect(
        "status, body and content type come through, compressed or not, and no other header",
        (
            f"{_DIALOGFLOW}TestOffered::test_answer_that_is_not_compressed",
            f"{_DIALOGFLOW}TestOffered::test_headers_of_dialogflow_stay_there",
        ),
    ),
    "one failed login is told to everybody": Defect(
        "a refusal concerns the refused client only", (f"{_SOCKETS}TestConnecting::test_refusal_concerns_nobody_else",)
    ),
    "any text is a room": Defect(
        "only conversations of the project can be joined",
        (f"{_SOCKETS}TestJoining::test_what_is_no_conversation_of_the_project_is_not_joined",),
    ),
    "the interceptor has nothing to probe": Defect(
        "GET /status answers probes", (f"{_EVENTS}TestRoutes::test_probe_is_answered",)
    ),
    "poison is an internal error": Defect(
        "what can never be read is refused with 400, and told from what passes", (f"{_EVENTS}TestAcknowledged::test_poison_is_400",)
    ),
    "the last to join silences the first, and one who goes silences all": Defect(
        "every joined desk on every instance hears every event",
        (
            f"{_EVENTS}TestWhoHears::test_two_on_each_of_two_instances_hear_ten_of_ten",
            f"{_EVENTS}TestWhoHears::test_one_goes_and_the_rest_still_hear_ten_of_ten",
        ),
    ),
    "nothing is kept and nothing is recognised": Defect(
        "events before a join are heard after it, and an event that Pub/Sub delivers twice is heard once",
        (
            f"{_EVENTS}TestWhoHears::test_event_that_pubsub_delivers_twice_is_heard_once",
            f"{_EVENTS}TestWhoHears::test_events_before_the_first_desk_joined_are_kept",
            f"{_EVENTS}TestWhoHears::test_second_desk_hears_what_was_said_before_it_joined",
        ),
    ),
    "seven desks fill an instance": Defect(
        "connected desks cost no thread", (f"{_MANY}test_idle_desks_leave_room_for_everybody_else",)
    ),
    "keys stay in Redis for ever": Defect(
        "every key expires", (f"{_MANY}test_nothing_in_redis_stays_for_ever",)
    ),
    "numbers can be read out of Redis": Defect(
        "integration keys are kept as HMAC under a key of the server", (f"{_MANY}test_phone_number_cannot_be_read_out_of_redis",)
    ),
    "numbers and transcripts are logged": Defect(
        "logs hold no phone number, conversation name, transcript or token",
        (f"{_MANY}test_logs_hold_no_number_transcript_or_token",),
    ),
}
