"""One deployment's work: every component held against its rule on a copy of the store, which is kept or forgotten as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.salesforce import archive as archives
from rehearsal.salesforce.archive import Archive, Deletion, Problem, Source
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.rules import RULES, Context, Refusal
from rehearsal.salesforce.store import Key, Store, now
from rehearsal.salesforce.wsdl import SchemaError


@dataclass(frozen=True)
class Options:
    """DeployOptions of the Metadata API."""

    allowMissingFiles: bool = False
    autoUpdatePackage: bool = False
    checkOnly: bool = False
    ignoreWarnings: bool = False
    performRetrieve: bool = False
    purgeOnDelete: bool = False
    rollbackOnError: bool = False
    runTests: tuple[str, ...] = ()
    singlePackage: bool = False
    testLevel: str = "NoTestRun"


@dataclass
class Message:
    """DeployMessage: one row of the result."""

    componentType: str
    fullName: str
    fileName: str
    success: bool = True
    id: str | None = None
    changed: bool = False
    created: bool = False
    deleted: bool = False
    problem: str | None = None
    problemType: str | None = None
    lineNumber: int | None = None
    columnNumber: int | None = None
    createdDate: str = field(default_factory=now)


@dataclass
class Outcome:
    """store: what the org becomes; the caller decides by the options whether it does."""

    store: Store
    messages: list[Message] = field(default_factory=list)
    error: tuple[str, str] | None = None  # errorStatusCode, errorMessage

    @property
    def failures(self) -> list[Message]:
        return [each for each in self.messages if not each.success]

    @property
    def successes(self) -> list[Message]:
        return [each for each in self.messages if each.success]


def run(org: Org, content: bytes, options: Options) -> Outcome:
    """Tries a zip against the org. The org itself is not touched."""
    try:
        packages = archives.read(content, options.singlePackage, options.allowMissingFiles)
    except archives.ArchiveError as error:
        return Outcome(org.store, error=(error.code, error.message))
    outcome = Outcome(org.store.copy())
    for each in packages:
        _Transaction(org, outcome, each, options).run()
    return outcome


def count(content: bytes, options: Options) -> int:
    """How many components a zip has; 0 when it cannot be read."""
    try:
        return sum(each.size for each in archives.read(content, options.singlePackage, options.allowMissingFiles))
    except archives.ArchiveError:
        return 0


class _Transaction:
    def __init__(self, org: Org, outcome: Outcome, archive: Archive, options: Options) -> None:
        self._org, self._outcome, self._archive, self._options = org, outcome, archive, options
        self._package: dict[Key, dict[str, Any]] = {}

    def run(self) -> None:
        for each in self._archive.problems:
            self._outcome.messages.append(_failed(each))
        if any(each.full_name == "package.xml" for each in self._archive.problems):
            return
        self._outcome.messages.append(Message("", "package.xml", "package.xml", changed=True))
        self._delete(self._archive.before)
        readable = [each for each in self._archive.sources if self._read(each)]
        for each in readable:
            self._save(each)
        self._delete(self._archive.after)

    def _context(self) -> Context:
        return Context(self._org, self._outcome.store, self._package, self._archive.version)

    def _read(self, source: Source) -> bool:
        try:
            self._package[source.type.name, source.full_name] = RULES[source.type.name].read(source, self._context())
        except (SchemaError, Refusal) as error:
            self._refuse(source, error)
            return False
        return True

    def _save(self, source: Source) -> None:
        rule, name, context = RULES[source.type.name], source.full_name, self._context()
        values = self._package[source.type.name, name]
        try:
            rule.check(name, values, source.files, context)
            if context.warnings and not self._options.ignoreWarnings:
                raise Refusal(context.warnings[0])
        except (SchemaError, Refusal) as error:
            self._refuse(source, error)
            return
        component, created, changed = rule.save(name, values, source.files, context)
        row = Message(source.type.name, name, source.file_name, id=component.id, created=created, changed=changed)
        if context.warnings:
            row.problem, row.problemType = context.warnings[0], "Warning"
        self._outcome.messages.append(row)

    def _delete(self, deletions: Iterable[Deletion]) -> None:
        for each in deletions:
            context, rule = self._context(), RULES[each.type.name]
            component = context.store.get(each.type.name, each.full_name)
            row = Message(each.type.name, each.full_name, each.file_name)
            self._outcome.messages.append(row)
            if component is None:
                # Documented: a missing member does not stop the others; it is a warning.
                row.fullName = each.file_name.rpartition("/")[2]
                row.componentType, row.problemType = "", "Warning"
                row.problem = f"No {each.type.name} named: {each.full_name} found"
                continue
            try:
                rule.check_delete(component, context)
            except Refusal as error:
                row.success, row.problem, row.problemType = False, error.problem, "Error"
                row.id, row.lineNumber, row.columnNumber = component.id, 1, 1
                continue
            rule.delete(component, context)
            row.id, row.deleted, row.changed = component.id, True, True

    def _refuse(self, source: Source, error: SchemaError | Refusal) -> None:
        line, column = (error.line, error.column) if isinstance(error, SchemaError) else source.place_of(error.text)
        self._outcome.messages.append(
            _failed(Problem(source.file_name, source.full_name, source.type.name, error.problem, line, column))
        )


def _failed(problem: Problem) -> Message:
    return Message(
        problem.component_type,
        problem.full_name,
        problem.file_name,
        success=False,
        problem=problem.problem,
        problemType="Error",
        lineNumber=problem.line,
        columnNumber=problem.column,
    )
