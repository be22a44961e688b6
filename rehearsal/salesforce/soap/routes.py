"""/services/Soap/m/XX.0, and the longer paths that clients put behind it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rehearsal.salesforce import wsdl
from rehearsal.salesforce.deploy import Options
from rehearsal.salesforce.metadata import responses as deployment_responses
from rehearsal.salesforce.metadata.state import options_of
from rehearsal.salesforce.org import Org, Session
from rehearsal.salesforce.serving import VERSIONS, ApiError
from rehearsal.salesforce.soap import errors, responses
from rehearsal.salesforce.soap.errors import SoapFault
from rehearsal.salesforce.soap.state import MetadataApi

_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
_NS = f"{{{wsdl.NAMESPACE}}}"
Operation = Callable[[etree._Element, Session], bytes]


def routes(org: Org, api: MetadataApi) -> list[Route]:
    operations = _Operations(org, api).by_name()

    async def answer(request: Request) -> Response:
        try:
            content = _answered(request.path_params["version"], await request.body(), api, operations)
        except SoapFault as error:
            return Response(responses.fault(error), 500, media_type="text/xml")
        except ApiError as error:
            return Response(responses.fault(SoapFault(error.code, error.message)), 500, media_type="text/xml")
        return Response(content, media_type="text/xml")

    return [
        Route("/services/Soap/m/{version}", answer, methods=["POST"]),
        Route("/services/Soap/m/{version}/{rest:path}", answer, methods=["POST"]),
    ]


def _answered(version: str, content: bytes, api: MetadataApi, operations: dict[str, Operation]) -> bytes:
    if version not in VERSIONS:
        raise errors.unsupported_version(version)
    try:
        envelope = wsdl.parse_file(content)
    except wsdl.SchemaError as error:
        raise errors.malformed(error.problem) from None
    body = envelope.find(_BODY)
    if body is None or not len(body):
        raise errors.malformed("the envelope has no body")
    token = envelope.findtext(f".//{_NS}sessionId")
    session = api.session(token.strip() if token else None)
    operation = etree.QName(body[0]).localname
    if operation not in operations:
        raise errors.no_operation(operation)
    return operations[operation](body[0], session)


class _Operations:
    def __init__(self, org: Org, api: MetadataApi) -> None:
        self._org, self._api = org, api

    def by_name(self) -> dict[str, Operation]:
        return {
            "describeMetadata": self._describe,
            "listMetadata": self._list,
            "readMetadata": self._read,
            "createMetadata": lambda node, _session: self._save("create", node),
            "updateMetadata": lambda node, _session: self._save("update", node),
            "upsertMetadata": lambda node, _session: self._save("upsert", node),
            "deleteMetadata": self._delete,
            "deploy": self._deploy,
            "deployRecentValidation": self._deploy_validated,
            "checkDeployStatus": self._status,
            "cancelDeploy": self._cancel,
            "retrieve": self._retrieve,
            "checkRetrieveStatus": self._retrieved,
        }

    def _describe(self, _node: etree._Element, _session: Session) -> bytes:
        return responses.results("describeMetadata", "DescribeMetadataResult", [responses.described()])

    def _list(self, node: etree._Element, session: Session) -> bytes:
        names = [query.findtext(f"{_NS}type") or "" for query in node.findall(f"{_NS}queries")]
        found = [responses.file_properties(self._org, each, session.user_id) for each in self._api.list(names)]
        return responses.results("listMetadata", "FileProperties", found)

    def _read(self, node: etree._Element, _session: Session) -> bytes:
        type_name = node.findtext(f"{_NS}type") or ""
        names = [each.text or "" for each in node.findall(f"{_NS}fullNames")]
        return responses.read(self._api.read(type_name, names), type_name)

    def _save(self, how: str, node: etree._Element) -> bytes:
        components: list[tuple[str, dict[str, Any]]] = []
        for each in node.findall(f"{_NS}metadata"):
            type_name = (each.get(f"{{{wsdl.XSI}}}type") or "").rpartition(":")[2]
            if not wsdl.schema().has(type_name):
                raise errors.invalid_type(type_name)
            try:
                components.append((type_name, wsdl.schema().read(each, type_name, ordered=False)))
            except wsdl.SchemaError as error:
                raise errors.malformed(error.problem) from None
        upsert = how == "upsert"
        found = [responses.saved(each, upsert) for each in self._api.save(how, components)]
        return responses.results(f"{how}Metadata", "UpsertResult" if upsert else "SaveResult", found)

    def _delete(self, node: etree._Element, _session: Session) -> bytes:
        names = [each.text or "" for each in node.findall(f"{_NS}fullNames")]
        found = [responses.saved(each) for each in self._api.delete(node.findtext(f"{_NS}type") or "", names)]
        return responses.results("deleteMetadata", "DeleteResult", found)

    def _deploy(self, node: etree._Element, session: Session) -> bytes:
        try:
            content = base64.b64decode(node.findtext(f"{_NS}ZipFile") or "", validate=False)
        except binascii.Error:
            raise errors.malformed("ZipFile is not base64") from None
        deployment = self._api.deployments.submit(content, _options(node.find(f"{_NS}DeployOptions")), session.user_id)
        return self._queued("deploy", deployment.id)

    def _deploy_validated(self, node: etree._Element, session: Session) -> bytes:
        deployment = self._api.deployments.quick_deploy(node.findtext(f"{_NS}validationId") or "", session.user_id)
        envelope = responses.results("deployRecentValidation", "AsyncResult", [])
        root = etree.fromstring(envelope)
        etree.SubElement(root[0][0], f"{_NS}result").text = deployment.id
        return etree.tostring(root)

    def _queued(self, operation: str, number: str) -> bytes:
        return responses.results(operation, "AsyncResult", [{"done": False, "id": number, "state": "Queued"}])

    def _status(self, node: etree._Element, _session: Session) -> bytes:
        deployment = self._api.deployments.get(node.findtext(f"{_NS}asyncProcessId") or "")
        details = (node.findtext(f"{_NS}includeDetails") or "").lower() in ("true", "1")
        values = deployment_responses.deploy_result(self._org, self._api.deployments, deployment, details)
        return responses.results("checkDeployStatus", "DeployResult", [responses.deploy_result(values)])

    def _cancel(self, node: etree._Element, session: Session) -> bytes:
        # `String` in the WSDL, `id` as Salesforce's own command line writes it.
        number = next((each.text for each in node if isinstance(each.tag, str)), None)
        deployment = self._api.deployments.cancel(number or "", session.user_id)
        return responses.results("cancelDeploy", "CancelDeployResult", [{"done": deployment.done, "id": deployment.id}])

    def _retrieve(self, node: etree._Element, _session: Session) -> bytes:
        wanted: dict[str, list[str]] = {}
        for each in node.iter(f"{_NS}types"):
            wanted.setdefault(each.findtext(f"{_NS}name") or "", []).extend(
                member.text or "" for member in each.findall(f"{_NS}members")
            )
        # The WSDL's name, and the one that Salesforce's own command line writes.
        request = next((each for each in node if etree.QName(each).localname in ("retrieveRequest", "request")), None)
        if request is None:
            raise errors.malformed("retrieve needs a retrieveRequest")
        version = request.findtext(f".//{_NS}version") or str(wsdl.API_VERSION)
        single = (request.findtext(f"{_NS}singlePackage") or "").strip().lower() in ("true", "1")
        return self._queued("retrieve", self._api.retrievals.start(wanted, version, single).id)

    def _retrieved(self, node: etree._Element, session: Session) -> bytes:
        retrieval = self._api.retrievals.get(node.findtext(f"{_NS}asyncProcessId") or "")
        with_zip = (node.findtext(f"{_NS}includeZip") or "true").strip().lower() in ("true", "1")
        values = responses.retrieve_result(self._org, retrieval, session.user_id, with_zip)
        return responses.results("checkRetrieveStatus", "RetrieveResult", [values])


def _options(node: etree._Element | None) -> Options:
    """DeployOptions; simple-salesforce writes True for true, and the text `None None` between the elements."""
    given: dict[str, Any] = {}
    for each in node if node is not None else []:
        name, text = etree.QName(each).localname, (each.text or "").strip()
        if name == "runTests":
            given.setdefault(name, []).append(text)
        elif name == "testLevel":
            given[name] = text
        else:
            given[name] = text.lower() in ("true", "1")
    return options_of(given)
