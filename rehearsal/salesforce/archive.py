"""What is in a deployment's zip: package.xml, components, and the lists of what is to be deleted."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field

from rehearsal.salesforce import positions, wsdl
from rehearsal.salesforce.metadata_types import FOLDERS, TYPES, MetadataType
from rehearsal.salesforce.positions import Position

NEWEST_VERSION = 66.0
OLDEST_VERSION = 31.0
_MOST_FILES = 10_000
MOST_BYTES = 400 * 1024 * 1024
_DELETIONS = {
    "destructiveChangesPre.xml": "before",
    "destructiveChanges.xml": "before",
    "destructiveChangesPost.xml": "after",
}


class ArchiveError(Exception):
    """A failure before any component is looked at: the deployment has an errorMessage and no rows."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Problem:
    """A fault that belongs to a file of the package."""

    file_name: str
    full_name: str
    component_type: str
    problem: str
    line: int = 1
    column: int = 1


@dataclass
class Source:
    """One component in the zip. definition: its XML, None when the file is not there; files: the rest, by path below the folder."""

    type: MetadataType
    full_name: str
    file_name: str
    definition: bytes | None = None
    files: dict[str, bytes] = field(default_factory=dict)

    def place_of(self, text: str | None) -> Position:
        """Line and column where the definition first has `text`."""
        return positions.of_text(self.definition, text)


@dataclass(frozen=True)
class Deletion:
    type: MetadataType
    full_name: str
    file_name: str


@dataclass
class Archive:
    version: float = 0.0
    sources: list[Source] = field(default_factory=list)
    before: list[Deletion] = field(default_factory=list)
    after: list[Deletion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many components the deployment counts."""
        return len(self.sources) + len(self.before) + len(self.after)


def read(content: bytes, single_package: bool = True, allow_missing_files: bool = False) -> list[Archive]:
    """The packages of a zip: one at its root, or one per folder when `single_package` is off. Raises ArchiveError."""
    files = _unzip(content)
    if single_package:
        return [_package(files, "", allow_missing_files)]
    folders = sorted({name.split("/")[0] for name in files if "/" in name})
    if not folders:
        return [_package(files, "", allow_missing_files)]
    return [
        _package(
            {name[len(each) + 1 :]: data for name, data in files.items() if name.startswith(each + "/")},
            each + "/",
            allow_missing_files,
        )
        for each in folders
    ]


def _unzip(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
            if len(entries) > _MOST_FILES:
                raise ArchiveError("LIMIT_EXCEEDED", f"Maximum number of files in request reached: {_MOST_FILES}")
            if sum(each.file_size for each in entries) > MOST_BYTES:
                raise ArchiveError("LIMIT_EXCEEDED", "Maximum size of request reached: 400 MB unzipped")
            _check_paths([each.filename for each in entries])
            return {each.filename: archive.read(each) for each in entries}
    # RuntimeError: a zip that wants a password.
    except (RuntimeError, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise ArchiveError("UNKNOWN_EXCEPTION", f"The deployment's file is not a readable zip: {error}") from None


def _check_paths(paths: list[str]) -> None:
    """Raises ArchiveError for a path that leads out of the zip, or is there twice."""
    seen: set[str] = set()
    for path in paths:
        if posixpath.isabs(path) or "\\" in path or ".." in path.split("/"):
            raise ArchiveError("UNKNOWN_EXCEPTION", f"The deployment's zip has a path that leads out of it: {path}")
        if path in seen:
            raise ArchiveError("UNKNOWN_EXCEPTION", f"The deployment's zip has a file twice: {path}")
        seen.add(path)


def _package(files: dict[str, bytes], prefix: str, allow_missing_files: bool) -> Archive:
    archive = Archive()
    if "package.xml" not in files:
        archive.problems.append(Problem(prefix + "package.xml", "package.xml", "", "No package.xml found"))
        return archive
    named = _manifest(archive, files["package.xml"], prefix)
    for name, when in _DELETIONS.items():
        if name in files:
            getattr(archive, when).extend(_deletions(archive, files[name], prefix + name))
    rest = {name: data for name, data in files.items() if name != "package.xml" and name not in _DELETIONS}
    found = _components(archive, rest, prefix)
    for key, source in found.items():
        members = named.get(key[0], set())
        if source.full_name in members or "*" in members:
            archive.sources.append(source)
        else:
            archive.problems.append(Problem(source.file_name, source.full_name, key[0], "Not in package.xml"))
    if not allow_missing_files:
        for type_name, members in named.items():
            for member in sorted(members - {"*"}):
                if (type_name, member) not in found:
                    text = f"An object '{member}' of type {type_name} was named in package.xml, but was not found in zipped directory"
                    archive.problems.append(
                        Problem(
                            prefix + "package.xml", member, type_name, text, *positions.of_text(files["package.xml"], member)
                        )
                    )
    archive.sources.sort(key=lambda each: (each.type.order, each.full_name))
    return archive


def _manifest(archive: Archive, content: bytes, prefix: str) -> dict[str, set[str]]:
    """Names by type; what is wrong with package.xml goes to the archive's problems."""

    def fault(text: str, place: Position) -> None:
        archive.problems.append(Problem(prefix + "package.xml", "package.xml", "", text, *place))

    try:
        values = wsdl.read_file_unordered(content, "Package")
    except wsdl.SchemaError as error:
        fault(error.problem, (error.line, error.column))
        return {}
    text = values["version"]
    archive.version = float(text) if re.fullmatch(r"\d{2}\.0", text) else 0.0
    if not OLDEST_VERSION <= archive.version <= NEWEST_VERSION:
        fault(f"Invalid version specified: {text}", positions.of_text(content, text))
    named: dict[str, set[str]] = {}
    for each in values.get("types", []):
        name, members = each["name"], set(each.get("members", []))
        if problem := _type_problem(name, archive.version):
            fault(problem, positions.of_text(content, f"<name>{name}</name>"))
        else:
            named.setdefault(name, set()).update(members)
    return named


def _type_problem(name: str, version: float) -> str | None:
    if name in TYPES:
        if TYPES[name].since > version:
            return f"Entity type: '{name}' is not available in API version {version}: it came with {TYPES[name].since}"
        return None
    if wsdl.schema().has(name):
        return f"Entity type: '{name}' is not available in this organization"
    return f"Unknown type name '{name}' specified in package.xml"


def _deletions(archive: Archive, content: bytes, file_name: str) -> list[Deletion]:
    short = file_name.rpartition("/")[2]
    try:
        # A list of deletions needs no version.
        values = wsdl.read_file_unordered(content, "Package", optional={"version"})
    except wsdl.SchemaError as error:
        archive.problems.append(Problem(file_name, short, "", error.problem, error.line, error.column))
        return []
    wanted: list[Deletion] = []
    for each in values.get("types", []):
        name = each["name"]
        for member in each.get("members", []):
            problem = _type_problem(name, archive.version) if name not in TYPES else None
            if member == "*":
                problem = "The wildcard * is not allowed in a list of deletions"
            elif name == "Settings":
                problem = f"Settings cannot be deleted: {member}. Deploy the setting's former value instead."
            if problem:
                place = positions.of_text(content, f"{member}<")
                archive.problems.append(Problem(file_name, member, name, problem, *place))
            else:
                wanted.append(Deletion(TYPES[name], member, file_name))
    return sorted(wanted, key=lambda item: (-item.type.order, item.full_name))


def _components(archive: Archive, files: dict[str, bytes], prefix: str) -> dict[tuple[str, str], Source]:
    found: dict[tuple[str, str], Source] = {}
    for path, data in sorted(files.items()):
        folder, _, below = path.partition("/")
        kind = FOLDERS.get(folder)
        source = _place(kind, below) if kind else None
        if kind is None or source is None:
            archive.problems.append(
                Problem(prefix + path, path.rpartition("/")[2], kind.name if kind else "", "Not in package.xml")
            )
            continue
        full_name, role = source
        shown = (
            f"{prefix}{folder}/{full_name}"
            if kind.layout == "bundle"
            else f"{prefix}{folder}/{full_name}.{kind.suffix}"
        )
        component = found.setdefault((kind.name, full_name), Source(kind, full_name, shown))
        if role == "definition":
            component.definition = data
        if role == "content" or kind.layout == "bundle":
            component.files[below] = data
    return found


def _place(kind: MetadataType, below: str) -> tuple[str, str] | None:
    """(full name, "definition" or "content") of a file below its type's folder; None when the type has no such file."""
    if kind.layout == "bundle":
        bundle, _, rest = below.partition("/")
        return (bundle, "definition" if rest == f"{bundle}.js-meta.xml" else "content") if rest else None
    if "/" in below:
        return None
    if kind.layout == "content" and below.endswith(f".{kind.suffix}-meta.xml"):
        return below.removesuffix(f".{kind.suffix}-meta.xml"), "definition"
    if below.endswith(f".{kind.suffix}"):
        return below.removesuffix(f".{kind.suffix}"), "content" if kind.layout == "content" else "definition"
    return None
