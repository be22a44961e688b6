"""The Function service's handlers: what a preview refuses, what a refresh sees, what an update and a delete do."""

from __future__ import annotations

from typing import Any

import pytest

from providers.handler import Fault, VendorError
from providers.twilio.serverless_deployment import ServerlessDeploymentHandler
from providers.twilio.serverless_environment import ServerlessEnvironmentHandler
from providers.twilio.serverless_function import ServerlessFunctionHandler
from providers.twilio.serverless_service import ServerlessServiceHandler
from providers.twilio.serverless_variable import ServerlessVariableHandler
from tests.providers.twilio.account import Account
from tests.providers.twilio.line import CODE, Line, handler


@pytest.fixture
def line(account: Account) -> Line:
    line = Line()
    line.up(account.twilio)
    return line


def path_of(line: Line, *names: str) -> str:
    segments = {"service": "Services", "environment": "Environments", "function": "Functions", "variable": "Variables"}
    return "/v1" + "".join(f"/{segments[name]}/{line.id(name)}" for name in names)


class TestCheck:
    @pytest.mark.parametrize(
        ("kind", "inputs", "named"),
        [
            (ServerlessServiceHandler, {"uniqueName": "x" * 51}, "uniqueName"),
            (ServerlessServiceHandler, {"uniqueName": "a b"}, "uniqueName"),
            (ServerlessServiceHandler, {"friendlyName": ""}, "friendlyName"),
            (ServerlessServiceHandler, {"includeCredentials": "perhaps"}, "includeCredentials"),
            (ServerlessEnvironmentHandler, {"uniqueName": "x" * 101}, "uniqueName"),
            (ServerlessEnvironmentHandler, {"domainSuffix": "x" * 17}, "domainSuffix"),
            (ServerlessFunctionHandler, {"friendlyName": "x" * 256}, "friendlyName"),
            (ServerlessVariableHandler, {"key": "x" * 129}, "key"),
            (ServerlessDeploymentHandler, {"runtime": "node18"}, "runtime"),
            (ServerlessDeploymentHandler, {"runtime": "python"}, "runtime"),
            (ServerlessDeploymentHandler, {"functions": {"f": {"path": "f"}}}, "functions.f.path"),
            (ServerlessDeploymentHandler, {"functions": {"f": {"visibility": "open"}}}, "functions.f.visibility"),
            (ServerlessDeploymentHandler, {"functions": {"f": {"content": " "}}}, "functions.f.content"),
        ],
    )
    def test_names_the_bad_input(self, account: Account, kind: Any, inputs: dict[str, Any], named: str):
        assert [fault.property for fault in kind(account.twilio).check(inputs)] == [named]

    @pytest.mark.parametrize("kind", [ServerlessServiceHandler, ServerlessEnvironmentHandler, ServerlessVariableHandler])
    def test_accepts_that_nothing_is_known_yet(self, account: Account, kind: Any):
        assert kind(account.twilio).check({}) == []

    def test_a_variable_counts_bytes_and_does_not_name_the_value_as_the_property(self, account: Account):
        variable = ServerlessVariableHandler(account.twilio)
        assert variable.check({"key": "K", "value": "é" * 225}) == []
        faults = variable.check({"key": "K", "value": "é" * 226})
        assert faults == [Fault("", "the value of K has 452 bytes, Twilio takes at most 450")]

    def test_a_missing_input_is_named(self, account: Account):
        with pytest.raises(VendorError, match="friendlyName"):
            ServerlessServiceHandler(account.twilio).create({"uniqueName": "x"})


class TestDrift:
    def test_a_hand_made_change_of_the_service_shows_and_is_repaired(self, account: Account, line: Line):
        account.by_hand("POST", path_of(line, "service"), UiEditable="true", FriendlyName="mine")
        service = handler("service", account.twilio)
        live = service.read(line.id("service"), line.known("service"))
        assert live is not None
        assert (live.inputs["uiEditable"], live.inputs["friendlyName"]) == (True, "mine")
        service.update(line.id("service"), line.known("service"), line.inputs("service"))
        assert service.read(line.id("service"), {}).inputs == line.inputs("service")

    def test_a_changed_variable_shows_and_is_repaired(self, account: Account, line: Line):
        account.by_hand("POST", path_of(line, "service", "environment", "variable"), Value="https://elsewhere.example.com")
        variable = handler("variable", account.twilio)
        live = variable.read(line.id("variable"), line.known("variable"))
        assert live is not None and live.inputs["value"] == "https://elsewhere.example.com"
        variable.update(line.id("variable"), line.known("variable"), line.inputs("variable"))
        assert variable.read(line.id("variable"), line.known("variable")).inputs == line.inputs("variable")

    def test_a_renamed_function_shows_and_is_repaired(self, account: Account, line: Line):
        account.by_hand("POST", path_of(line, "service", "function"), FriendlyName="other")
        function = handler("function", account.twilio)
        assert function.read(line.id("function"), line.known("function")).inputs["friendlyName"] == "other"
        function.update(line.id("function"), line.known("function"), line.inputs("function"))
        assert function.read(line.id("function"), line.known("function")).inputs == line.inputs("function")

    def test_an_emptied_environment_shows_and_is_deployed_again(self, account: Account, line: Line):
        environment = path_of(line, "service", "environment")
        account.by_hand("POST", f"{environment}/Deployments")
        deployment = handler("deployment", account.twilio)
        live = deployment.read(line.id("deployment"), line.known("deployment"))
        assert live is not None and live.inputs["functions"] == {}
        deployment.update(line.id("deployment"), line.known("deployment"), line.inputs("deployment"))
        assert deployment.read(line.id("deployment"), line.known("deployment")).inputs == line.inputs("deployment")

    def test_code_that_somebody_else_deployed_shows(self, account: Account, line: Line):
        other = Line(code="exports.handler = () => { /* by hand */ };\n")
        other.state = dict(line.state)
        del other.state["deployment"]
        other.up(account.twilio)
        live = handler("deployment", account.twilio).read(line.id("deployment"), line.known("deployment"))
        assert "by hand" in live.inputs["functions"]["conversation-name"]["content"]

    @pytest.mark.parametrize("name", ["service", "environment", "function", "variable", "deployment"])
    def test_what_is_gone_is_none(self, account: Account, line: Line, name: str):
        account.by_hand("DELETE", path_of(line, "service"))
        assert handler(name, account.twilio).read(line.id(name), line.known(name)) is None


def build_sids(account: Account, line: Line) -> set[str]:
    return {each["sid"] for each in account.by_hand("GET", path_of(line, "service") + "/Builds")["builds"]}


class TestDeployment:
    def test_the_same_code_is_not_deployed_again(self, account: Account, line: Line):
        account.forget_calls()
        handler("deployment", account.twilio).update(line.id("deployment"), line.known("deployment"), line.inputs("deployment"))
        assert account.calls("POST") == []

    def test_line_ends_are_no_difference(self, account: Account, line: Line):
        known = line.known("deployment")
        known["functions"]["conversation-name"]["content"] = CODE.replace("\n", "\r\n")
        live = handler("deployment", account.twilio).read(line.id("deployment"), known)
        assert live.inputs["functions"] == known["functions"]

    def test_code_that_does_not_compile_is_refused_and_the_old_one_stays(self, account: Account, line: Line):
        before = account.things("environment")
        broken = Line(code="exports.handler = (")
        broken.state = {name: line.state[name] for name in ("service", "environment", "function")}
        with pytest.raises(VendorError, match="does not compile"):
            handler("deployment", account.twilio).update("", {}, broken.inputs("deployment"))
        assert account.things("environment") == before

    def test_it_is_protected_and_on_node22(self, account: Account, line: Line):
        deployed = account.things("environment")["environment/ui-connector-auth/ui"]["deployed"]
        assert deployed["runtime"] == "node22"
        assert deployed["functions"]["/conversation-name"]["visibility"] == "protected"

    def test_an_environment_that_is_gone_is_said(self, account: Account, line: Line):
        inputs = line.inputs("deployment")
        account.by_hand("DELETE", path_of(line, "service"))
        with pytest.raises(VendorError, match="environment to deploy to is gone"):
            handler("deployment", account.twilio).update(line.id("deployment"), {}, inputs)

    def test_the_former_build_stays_as_the_way_back(self, account: Account, line: Line):
        deployment = handler("deployment", account.twilio)
        inputs = line.inputs("deployment")
        builds = [line.output("deployment", "buildSid")]
        for number in range(3):
            inputs["functions"]["conversation-name"]["content"] = CODE + f"// {number}\n"
            builds.append(deployment.update(line.id("deployment"), line.known("deployment"), inputs)["buildSid"])
            assert build_sids(account, line) == set(builds[-2:])

    def test_going_back_needs_neither_upload_nor_build(self, account: Account, line: Line):
        deployment = handler("deployment", account.twilio)
        inputs = line.inputs("deployment")
        inputs["functions"]["conversation-name"]["content"] = CODE + "// new\n"
        deployment.update(line.id("deployment"), line.known("deployment"), inputs)
        account.forget_calls()
        outputs = deployment.update(line.id("deployment"), line.known("deployment"), line.inputs("deployment"))
        assert outputs["buildSid"] == line.output("deployment", "buildSid")
        assert [path.split("/")[-1] for _, path, _ in account.calls("POST")] == ["Deployments"]

    def test_leftover_builds_are_no_failure(self, account: Account, line: Line):
        inputs = line.inputs("deployment")
        inputs["functions"]["conversation-name"]["content"] = CODE + "// new\n"
        account.faults({"method": "DELETE", "path": "/Builds/", "status": 500, "times": 9})
        outputs = handler("deployment", account.twilio).update(line.id("deployment"), line.known("deployment"), inputs)
        assert outputs["buildSid"].startswith("ZB")


class TestDelete:
    def test_the_service_goes_with_all_that_is_in_it(self, account: Account, line: Line):
        handler("service", account.twilio).delete(line.id("service"), line.known("service"))
        for kind in ("service", "environment", "function", "variable", "build"):
            assert account.things(kind) == {}

    def test_a_service_that_twilio_does_not_remove_whole_is_taken_apart(self, account: Account, line: Line):
        account.faults({"method": "DELETE", "path": f"/v1/Services/{line.id('service')}$", "status": 409})
        handler("service", account.twilio).delete(line.id("service"), line.known("service"))
        assert account.things("service") == {}
        deleted = [path.split("/")[-2] for _, path, status in account.calls("DELETE") if status == 204]
        assert deleted == ["Environments", "Builds", "Functions", "Services"]

    @pytest.mark.parametrize("name", ["service", "environment", "function", "variable", "deployment"])
    def test_twice_is_success(self, account: Account, line: Line, name: str):
        handler("service", account.twilio).delete(line.id("service"), line.known("service"))
        handler(name, account.twilio).delete(line.id(name), line.known(name))
        assert account.things("service") == {}

    def test_a_function_goes_with_builds_that_run_nowhere(self, account: Account, line: Line):
        deployment = handler("deployment", account.twilio)
        inputs = line.inputs("deployment")
        other = account.by_hand("POST", path_of(line, "service") + "/Functions", FriendlyName="other")
        only_other = {**inputs["functions"]["conversation-name"], "functionSid": other["sid"]}
        deployment.update(line.id("deployment"), line.known("deployment"), {**inputs, "functions": {"other": only_other}})
        assert len(build_sids(account, line)) == 2
        handler("function", account.twilio).delete(line.id("function"), line.known("function"))
        assert [each.rsplit("/", 1)[-1] for each in account.things("function")] == ["other"]
        assert len(build_sids(account, line)) == 1

    def test_a_function_in_a_build_is_refused_with_the_cause(self, account: Account, line: Line):
        with pytest.raises(VendorError, match="part of build"):
            handler("function", account.twilio).delete(line.id("function"), line.known("function"))


class TestAdoption:
    def test_a_hand_made_service_is_brought_into_shape(self, account: Account):
        made = account.by_hand(
            "POST", "/v1/Services", UniqueName="ui-connector-auth", FriendlyName="by hand", IncludeCredentials="false"
        )
        adopted = handler("service", account.twilio).create(Line().inputs("service"))
        assert adopted.id == made["sid"]
        assert account.things("service")["service/ui-connector-auth"]["include_credentials"] is True

    def test_it_is_found_behind_many_others(self, account: Account):
        wanted = account.by_hand("POST", "/v1/Services", UniqueName="ui-connector-auth", FriendlyName="x")
        for number in range(55):
            account.by_hand("POST", "/v1/Services", UniqueName=f"other-{number}", FriendlyName="x")
        found = handler("service", account.twilio).find(Line().inputs("service"))
        assert found is not None and found.id == wanted["sid"]

    def test_a_variable_with_another_value_is_corrected(self, account: Account):
        line = Line()
        for name in ("service", "environment"):
            made = handler(name, account.twilio).create(line.inputs(name))
            line.state[name] = (made.id, line.inputs(name), made.outputs)
        path = path_of(line, "service", "environment") + "/Variables"
        old = account.by_hand("POST", path, Key="UI_CONNECTOR_URL", Value="old")
        variable = handler("variable", account.twilio)
        assert variable.create(line.inputs("variable")).id == old["sid"]
        live = variable.read(old["sid"], line.inputs("variable"))
        assert live is not None and live.inputs["value"] == line.inputs("variable")["value"]
