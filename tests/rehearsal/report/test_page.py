"""The page is one file, escapes what it shows, asks nothing of any network, and tells pictures in words too."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from lxml import html

from rehearsal.report.page import render, write_page


def test_says_the_verdict_and_every_step(report: dict[str, Any]) -> None:
    page = html.fromstring(render(report))
    assert page.findtext(".//h1") == "All is well"
    rows = page.xpath("//section[@aria-labelledby='steps']//tbody/tr/th/text()")
    assert len(rows) == len(report["steps"])
    assert "57 create" in page.xpath("string(//section[@aria-labelledby='steps'])")


def test_a_failure_says_its_first_cause_on_top(report: dict[str, Any]) -> None:
    report |= {"ok": False, "problems": ["call: the connector answered 401", "later"]}
    page = html.fromstring(render(report))
    assert page.findtext(".//h1") == "The rehearsal failed"
    assert "First cause: call: the connector answered 401" in page.xpath("string(//header)")


def test_says_what_ran(report: dict[str, Any]) -> None:
    header = html.fromstring(render(report)).xpath("string(//header)")
    assert "Pulumi 3.259.0, compiled" in header
    assert "our own event service" in header
    report["local"]["event_service"] = "google-emulator"
    assert "Google's Pub/Sub emulator" in html.fromstring(render(report)).xpath("string(//header)")


def test_says_which_desk_and_why_not_the_better_one(report: dict[str, Any]) -> None:
    def desk() -> str:
        return html.fromstring(render(report)).xpath("normalize-space(//header)")

    report["local"] |= {"desk": "chromium", "browser": "156.0"}
    assert "Chromium 156.0" in desk()
    report["local"] |= {"desk": "plain", "no_browser": "no Chromium was found"}
    assert "plain: what a browser does is played (no Chromium was found)" in desk()


def test_shows_what_the_agent_saw(report: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "desk.png").write_bytes(b"a picture")
    report["call"]["picture"] = "desk.png"
    write_page(report, tmp_path / "report.html")
    page = html.fromstring((tmp_path / "report.html").read_text())
    (picture,) = page.xpath("//img")
    assert base64.b64decode(picture.get("src").removeprefix("data:image/png;base64,")) == b"a picture"
    assert "transcript" in picture.get("alt")


def test_says_what_was_held_to_the_vendors_contract(report: dict[str, Any]) -> None:
    report["contract"] = {"twilio": {"checked": 85, "operations": {"FetchFlow": 80, "CreateFlow": 5}, "deviations": []}}
    header = html.fromstring(render(report)).xpath("normalize-space(//header)")
    assert "85 requests over 2 operations held to Twilio's OpenAPI files, no deviations" in header
    report["contract"]["twilio"] |= {"checked": 0, "why": "the files are not installed"}
    assert "not checked: the files are not installed" in html.fromstring(render(report)).xpath("normalize-space(//header)")


def test_says_what_was_held_to_googles_descriptions(report: dict[str, Any]) -> None:
    report["contract"] = {"google": {"checked": 62, "documents": {"run.v2": "1", "redis.v1": "2"}, "bodies": {}}}
    header = html.fromstring(render(report)).xpath("normalize-space(//header)")
    assert "62 bodies held to 2 of Google's discovery documents" in header


def test_asks_nothing_of_a_network(report: dict[str, Any]) -> None:
    page = html.fromstring(render(report, b"a picture"))
    assert page.xpath("//link | //script | //a[not(starts-with(@href, '#'))]") == []
    assert [each.partition(",")[0] for each in page.xpath("//@src")] == ["data:image/png;base64"]
    assert "url(" not in page.findtext(".//style")


def test_escapes_what_it_shows(report: dict[str, Any]) -> None:
    report["resources"][0]["name"] = "<script>alert(1)</script>"
    report["flow"]["states"][1]["name"] = "<b>bold</b>"
    text = render(report)
    assert "<script>" not in text
    assert "<b>bold</b>" not in text


def test_pictures_have_title_and_description(report: dict[str, Any]) -> None:
    page = html.fromstring(render(report))
    pictures = page.xpath("//*[local-name()='svg']")
    assert len(pictures) == 2
    for each in pictures:
        named = each.get("aria-labelledby").split()
        texts = [page.xpath(f"string(//*[@id='{one}'])") for one in named]
        assert all(texts)


def test_tables_have_scoped_headings(report: dict[str, Any]) -> None:
    page = html.fromstring(render(report))
    assert page.xpath("//th[not(@scope)]") == []
    assert len(page.xpath("//table")) >= 5


def test_resources_stand_with_their_vendor(report: dict[str, Any]) -> None:
    page = html.fromstring(render(report))
    assert page.xpath("//summary/text()") == ["Google Cloud: 1", "Twilio: 1", "Salesforce: 1", "This program's own groups: 1"]


def test_a_rehearsal_that_failed_at_once_has_a_page_too(report: dict[str, Any]) -> None:
    early = {
        **report,
        "ok": False,
        "problems": ["up: no"],
        "call": {},
        "flow": {},
        "resources": [],
        "steps": [{"name": "up", "ok": False, "seconds": 1.0, "changes": {}, "detail": {"problem": "up: no"}}],
    }
    page = html.fromstring(render(early))
    assert "Not known: destroy was not run." in page.xpath("string(//section[@aria-labelledby='left'])")


def test_left_overs_are_listed(report: dict[str, Any]) -> None:
    report |= {"ok": False, "left_over": ["twilio flow/voice is still there"], "problems": ["left over: twilio flow/voice is still there"]}
    assert "twilio flow/voice is still there" in html.fromstring(render(report)).xpath("string(//section[@aria-labelledby='left'])")


def test_is_written_whole(report: dict[str, Any], tmp_path: Path) -> None:
    write_page(report, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == render(report)


def test_further_problems_are_told_below_the_first(report: dict[str, Any]) -> None:
    report |= {"ok": False, "problems": ["call: the connector answered 401", "destroy: <b>left</b>", "a third"]}
    header = html.fromstring(render(report)).xpath("//header")[0]
    assert [each.text for each in header.iter("li")] == ["destroy: <b>left</b>", "a third"]
    report["problems"] = report["problems"][:1]
    assert "And after it" not in html.fromstring(render(report)).xpath("string(//header)")


def test_what_was_said_is_told_in_words_too(report: dict[str, Any]) -> None:
    """Who does not see the time line finds the same in a table, unheard events among it."""
    heard = {"message_id": "1", "data_type": "new-message-event", "sent_at": 100.0, "heard_at": 130.0, "said": "Good morning."}
    unheard = {**heard, "message_id": "3", "said": "Bye.", "sent_at": 200.0, "heard_at": None}
    report["call"]["events"] = [heard, {**heard, "message_id": "2", "heard_at": 150.0}, unheard]
    rows = html.fromstring(render(report)).xpath("//table[starts-with(normalize-space(caption), 'What was said')]/tbody/tr")
    told = [[cell.text_content() for cell in row] for row in rows]
    assert told == [["Good morning.", "2 of 2", "50"], ["Bye.", "0 of 1", ""]]
    assert rows[1].xpath(".//*[@class='bad']")


def test_every_table_says_what_it_is_about_and_names_its_columns(report: dict[str, Any]) -> None:
    """For who listens; and each cell carries its column's name for narrow screens, where no head stands above it."""
    page = html.fromstring(render(report))
    tables = page.xpath("//table")
    assert tables
    for table in tables:
        label = table.get("aria-label") or table.findtext("caption") or page.get_element_by_id(table.get("aria-labelledby")).text
        assert label
        columns = [each.text for each in table.xpath("thead//th[@role='columnheader']")]
        for row in table.xpath("tbody/tr"):
            cells = row.xpath("*[not(@aria-hidden)]")
            assert len(cells) == len(columns)
            assert cells[0].get("role") == "rowheader"
            assert all(cell.get("data-head") == column for cell, column in zip(cells[1:], columns[1:], strict=True) if cell.text_content())


def test_every_section_can_be_gone_to(report: dict[str, Any]) -> None:
    page = html.fromstring(render(report))
    links = [each.get("href").removeprefix("#") for each in page.xpath("//nav//a")]
    assert links == page.xpath("//section/@aria-labelledby")
    assert all(page.get_element_by_id(each).tag == "h2" for each in links)


def test_what_scrolls_can_be_reached_by_keyboard(report: dict[str, Any]) -> None:
    drawings = html.fromstring(render(report)).xpath("//svg/..")
    assert drawings
    assert all(each.get("tabindex") == "0" and each.get("aria-label") for each in drawings)
