"""What is deployed comes from where it should, is complete, and is what was pinned."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lightning import lock as locking
from providers.handler import VendorError
from providers.salesforce.downloads import REPOSITORY
from providers.salesforce.lightning_source import PROPERTIES, LightningSource, read_source, tree_sha256
from providers.salesforce.ui_modules import NAMES, UiModule, archive, hashes_in
from rehearsal.serving import Server
from tests.providers.salesforce.runs import COMPONENT, LOCK

COMMIT = "942533498ae530eaebd94beddbcb816dfe6f71b2"
FOLDER = REPOSITORY / COMPONENT


def google_files() -> list[str]:
    """The paths in Google's public project at the pinned commit."""
    text = (Path(__file__).parent / "data" / "google_component_files.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


class Web:
    """A host that answers what it is given, and counts."""

    def __init__(self) -> None:
        self.answers: dict[str, Response] = {}
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return self.answers.get(request.url.path, Response("<html>not found</html>", 404))


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    with Server(Starlette(routes=[Route("/{path:path}", made.answer)])) as server:
        made.url = server.url
        yield made


def repository(web: Web, change: bytes = b"") -> str:
    """Our component in a repository's archive, below a folder of its own; other folders beside it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for path in sorted(FOLDER.rglob("*")):
            if path.is_file():
                content = path.read_bytes() + (change if path.name == "connectorClient.js" else b"")
                entry = tarfile.TarInfo(f"repo-{COMMIT}/salesforce/aa-lwc/{path.relative_to(FOLDER).as_posix()}")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        entry = tarfile.TarInfo(f"repo-{COMMIT}/elsewhere/force-app/main/default/lwc/x/x.js")
        tar.addfile(entry)
    web.answers[f"/owner/repo/archive/{COMMIT}.tar.gz"] = Response(out.getvalue())
    return f"{web.url}/owner/repo@{COMMIT}:salesforce/aa-lwc"


class TestLightningSource:
    def test_our_own_has_the_twelve_properties_with_upstreams_defaults(self) -> None:
        meta = read_source(COMPONENT, None).files["lwc/agentAssistContainerModule/agentAssistContainerModule.js-meta.xml"]
        assert len(PROPERTIES) == 12
        assert b'name="debugMode" type="Boolean" default="true"' in meta
        assert b'name="platform" type="String" default="messaging"' in meta

    def test_nothing_but_the_bundle_and_its_resources_is_taken(self, tmp_path: Path) -> None:
        package = tmp_path / "force-app/main/default"
        for path in (FOLDER / "force-app/main/default").rglob("*"):
            if path.is_file():
                place = package / path.relative_to(FOLDER / "force-app/main/default")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())
        clean = read_source(str(tmp_path), None)
        for extra in (
            "applications/standard__LightningService.app-meta.xml",
            "lwc/jsconfig.json",
            "lwc/another/another.js",
            "lwc/agentAssistContainerModule/__tests__/a.test.js",
            "lwc/agentAssistContainerModule/platformServices/testUtils/index.js",
            "staticresources/other.css",
            "permissionsets/x.permissionset-meta.xml",
        ):
            place = package / extra
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("x")
        assert read_source(str(tmp_path), None).files == clean.files

    def test_of_googles_project_only_what_voice_needs_is_taken(self, tmp_path: Path) -> None:
        """Its own command would also overwrite the org's service console, and bring Messaging's routing and statuses."""
        bundle = "lwc/agentAssistContainerModule/"
        for name in google_files():
            ours = FOLDER / name if (FOLDER / name).name.endswith(("js-meta.xml", "resource-meta.xml")) else None
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(ours.read_bytes() if ours and ours.is_file() else b"x")
        taken = set(read_source(str(tmp_path), None).files)
        inside = {each.removeprefix("force-app/main/default/") for each in google_files() if "main/default/" in each}
        left = inside - taken
        assert {each.split("/")[0] for each in taken} == {"lwc", "staticresources"}
        assert {each for each in left if each.startswith(bundle) and "__tests__" not in each} == {
            f"{bundle}platformServices/testUtils/index.js"
        }
        assert {each.split("/")[0] for each in left} >= {
            "applications", "cspTrustedSites", "permissionsets", "queueRoutingConfigs", "servicePresenceStatuses"
        }  # fmt: skip
        assert len(taken) == 16

    def test_resources_are_called_resource_in_the_archive(self) -> None:
        paths = set(read_source(COMPONENT, None).deployed())
        assert {"staticresources/global_styles.resource", "staticresources/google_logo.resource"} <= paths
        assert not [each for each in paths if each.endswith((".svg", "global_styles.css"))]

    def test_the_hash_sees_names_and_contents_but_no_order(self) -> None:
        assert tree_sha256({"a": b"1", "b": b"2"}) == tree_sha256({"b": b"2", "a": b"1"})
        assert len({tree_sha256(each) for each in ({"a": b"1"}, {"a": b"2"}, {"b": b"1"})}) == 3

    def test_a_repository_at_a_commit(self, web: Web) -> None:
        source, own = repository(web), read_source(COMPONENT, None)
        assert read_source(source, own.tree_sha256).files == own.files

    def test_it_is_fetched_once(self, web: Web) -> None:
        source, own = repository(web), read_source(COMPONENT, None)
        read_source(source, own.tree_sha256)
        read_source(source, own.tree_sha256)
        assert len(web.asked) == 1

    def test_another_content_than_the_pinned_one_is_refused(self, web: Web) -> None:
        source, own = repository(web, change=b"// changed"), read_source(COMPONENT, None)
        with pytest.raises(VendorError, match=f"expected {own.tree_sha256}"):
            read_source(source, own.tree_sha256)

    def test_a_repository_without_a_hash_is_refused_before_anything_is_fetched(self, web: Web) -> None:
        with pytest.raises(VendorError, match="lightning/pins"):
            read_source(repository(web), None)
        assert web.asked == []

    def test_an_error_page_is_no_archive(self, web: Web) -> None:
        with pytest.raises(VendorError, match="status 404"):
            read_source(f"{web.url}/owner/other@{COMMIT}:x", "0" * 64)
        web.answers[f"/owner/other/archive/{COMMIT}.tar.gz"] = Response("<html>")
        with pytest.raises(VendorError, match="is no archive"):
            read_source(f"{web.url}/owner/other@{COMMIT}:x", "0" * 64)

    @pytest.mark.parametrize("source", ["https://github.com/o/r", f"https://github.com/o/r@{COMMIT}", "https://github.com/o/r@main:x"])
    def test_a_source_without_a_commit_or_path_is_refused(self, source: str) -> None:
        with pytest.raises(VendorError, match="@COMMIT:PATH"):
            read_source(source, "0" * 64)

    def test_a_source_that_lacks_files_names_them(self, tmp_path: Path) -> None:
        with pytest.raises(VendorError, match=r"lacks lwc/agentAssistContainerModule/agentAssistContainerModule\.js,"):
            read_source(str(tmp_path), None)

    def test_a_component_with_other_properties_is_refused(self, tmp_path: Path) -> None:
        """The commit before the pinned one has no `platform` yet."""
        for path, content in read_source(COMPONENT, None).files.items():
            place = tmp_path / "force-app/main/default" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.replace(b'name="platform"', b'name="features"'))
        with pytest.raises(VendorError, match="has no property platform"):
            read_source(str(tmp_path), None)

    @pytest.mark.parametrize("content", [b"<", b"", b"no XML", b"<a>&b;</a>"])
    def test_a_description_that_is_no_xml_is_named(self, tmp_path: Path, content: bytes) -> None:
        self._described(tmp_path, content)
        with pytest.raises(VendorError, match=r"js-meta\.xml of the Lightning component from .* is no XML"):
            read_source(str(tmp_path), None)

    def _described(self, folder: Path, content: bytes) -> None:
        for path, there in read_source(COMPONENT, None).files.items():
            place = folder / "force-app/main/default" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if path.endswith("Module.js-meta.xml") else there)

    def test_an_empty_source_has_a_hash_too(self) -> None:
        assert LightningSource({}).tree_sha256 == hashlib.sha256(b"").hexdigest()


class TestUiModules:
    def modules(self, contents: dict[str, bytes]) -> dict[str, UiModule]:
        return {name: UiModule("v1", hashlib.sha256(content).hexdigest()) for name, content in contents.items()}

    def served(self, web: Web) -> dict[str, UiModule]:
        contents = {name: f"// {name}".encode() for name in NAMES}
        web.answers |= {f"/v1/{name}.js": Response(content) for name, content in contents.items()}
        return self.modules(contents)

    def test_the_archive_holds_the_three_files(self, web: Web) -> None:
        modules = self.served(web)
        content = archive(web.url, modules)
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            assert opened.namelist() == ["common.js", "container.js", "transcript.js"]
        assert hashes_in(content) == {name: each.sha256 for name, each in modules.items()}

    def test_they_are_fetched_once(self, web: Web) -> None:
        modules = self.served(web)
        assert archive(web.url, modules) == archive(web.url, modules)
        assert len(web.asked) == 3

    def test_a_file_spoiled_in_the_cache_is_fetched_again(self, web: Web, own_cache: Path) -> None:
        modules = self.served(web)
        archive(web.url, modules)
        for each in own_cache.rglob("*.js"):
            each.write_text("spoiled")
        assert hashes_in(archive(web.url, modules))["common"] == modules["common"].sha256

    def test_an_error_page_is_no_module(self, web: Web) -> None:
        with pytest.raises(VendorError, match="status 404"):
            archive(web.url, self.modules(dict.fromkeys(NAMES, b"x")))

    def test_another_file_than_the_locked_one_is_refused(self, web: Web) -> None:
        modules = self.served(web)
        web.answers["/v1/common.js"] = Response("// other")
        with pytest.raises(VendorError, match=r"lock it again: python -m lightning\.lock"):
            archive(web.url, modules)

    def test_a_host_without_tls_is_refused(self) -> None:
        with pytest.raises(VendorError, match="neither https nor"):
            archive("http://cdn.example", self.modules(dict.fromkeys(NAMES, b"x")))

    def test_what_is_no_zip_has_no_modules(self) -> None:
        assert hashes_in(b"no zip") == {}


class TestLock:
    def test_the_rehearsals_lock_is_up_to_date(self) -> None:
        versions = {name: each["version"] for name, each in LOCK.items()}
        assert locking.lock(f"{COMPONENT}/ui_modules", versions) == LOCK

    def test_the_command_writes_a_lock_that_can_be_read(self, web: Web, tmp_path: Path) -> None:
        web.answers |= {f"/v9/{name}.js": Response(name) for name in NAMES}
        place = tmp_path / "lock.json"
        assert locking.main(["--base-url", web.url, "--version", "v9", "--output", str(place)]) == 0
        assert locking.read_lock(place)["common"] == {"version": "v9", "sha256": hashlib.sha256(b"common").hexdigest()}

    def test_the_command_keeps_versions_that_it_is_not_told(self, web: Web, tmp_path: Path) -> None:
        place = tmp_path / "lock.json"
        place.write_text(json.dumps({name: {"version": "v1", "sha256": None} for name in NAMES}))
        web.answers |= {f"/v1/{name}.js": Response(name) for name in NAMES} | {"/v2/common.js": Response("new")}
        assert locking.main(["--base-url", web.url, "--version", "common=v2", "--output", str(place)]) == 0
        assert [each["version"] for each in locking.read_lock(place).values()] == ["v1", "v1", "v2"]

    def test_the_command_stores_no_error_page(self, web: Web, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        place = tmp_path / "lock.json"
        assert locking.main(["--base-url", web.url, "--version", "v9", "--output", str(place)]) == 1
        assert "status 404" in capsys.readouterr().err
        assert not place.exists()

    def test_the_command_names_the_files_to_read_and_a_deployment_takes_those(
        self, web: Web, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = tmp_path / "lock.json"
        web.answers |= {f"/v9/{name}.js": Response(f"// {name}") for name in NAMES}
        assert locking.main(["--base-url", web.url, "--version", "v9", "--output", str(place)]) == 0
        named = dict(re.findall(r"^  (\w+) v9: (.*)$", capsys.readouterr().out, re.MULTILINE))
        assert {name: Path(each).read_text() for name, each in named.items()} == {name: f"// {name}" for name in NAMES}
        web.answers.clear()
        modules = {name: UiModule(**each) for name, each in locking.read_lock(place).items()}
        assert hashes_in(archive(web.url, modules)) == {name: each.sha256 for name, each in modules.items()}

    def test_a_new_lock_begins_with_the_versions_of_this_repository(self, web: Web, tmp_path: Path) -> None:
        versions = {name: each["version"] for name, each in json.loads(locking.LOCK_FILE.read_text()).items()}
        web.answers |= {f"/{version}/{name}.js": Response(name) for name, version in versions.items()}
        place = tmp_path / "new.json"
        assert locking.main(["--base-url", web.url, "--output", str(place)]) == 0
        assert {name: each["version"] for name, each in locking.read_lock(place).items()} == versions

    def test_a_place_that_cannot_be_written_is_told(self, web: Web, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        web.answers |= {f"/v9/{name}.js": Response(name) for name in NAMES}
        place = tmp_path / "no folder" / "lock.json"
        assert locking.main(["--base-url", web.url, "--version", "v9", "--output", str(place)]) == 1
        assert f"{place} cannot be written" in capsys.readouterr().err

    def test_without_hashes_the_very_command_is_told(self, tmp_path: Path) -> None:
        modules = json.dumps({name: {"version": "v1", "sha256": None} for name in NAMES})
        (tmp_path / "lock.json").write_text(modules)
        with pytest.raises(locking.LockError) as caught:
            locking.read_lock(tmp_path / "lock.json")
        assert "has no hash of transcript, container, common" in str(caught.value)
        assert f"Fix: python -m lightning.lock --output {tmp_path / 'lock.json'} (in make shell)" in str(caught.value)

    def test_paths_are_told_as_one_types_them_in_the_repository(self) -> None:
        assert locking.shown(locking.LOCK_FILE) == "lightning/ui_modules.lock.json"
        assert locking.shown(Path("/elsewhere/lock.json")) == "/elsewhere/lock.json"

    @pytest.mark.parametrize(("text", "told"), [("{", "is no lock file"), ("{}", "names no version of transcript, container, common")])
    def test_a_lock_that_cannot_be_used_says_why(self, tmp_path: Path, text: str, told: str) -> None:
        place = tmp_path / "lock.json"
        place.write_text(text)
        with pytest.raises(locking.LockError, match=told):
            locking.read_lock(place)

    def test_the_pins_name_a_commit_and_a_hash(self) -> None:
        source, tree = locking.read_pins(locking.PINS)
        assert f"@{COMMIT}:salesforce/aa-lwc" in source
        assert len(tree) == 64
