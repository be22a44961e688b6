"""What a service keeps of its assets, and the rules it keeps them by."""

from __future__ import annotations

from rehearsal.twilio.errors import NotFoundError
from rehearsal.twilio.serverless import errors
from rehearsal.twilio.serverless.records import Asset, AssetVersion, Service
from rehearsal.twilio.serverless.uploads import Upload
from rehearsal.twilio.sids import new_sid


def create(service: Service, friendly_name: str) -> Asset:
    return service.assets.add(Asset(sid=new_sid("ZH"), friendly_name=friendly_name))


def delete(service: Service, sid: str) -> None:
    """Refused while a version of it is part of a build, as with functions."""
    asset = service.assets.get(sid)
    for build in service.builds:
        if any(version.asset_sid == asset.sid for version in build.asset_versions):
            raise errors.asset_in_build(sid, build.sid)
    for version in list(service.asset_versions):
        if version.asset_sid == sid:
            service.asset_versions.remove(version.sid)
    service.assets.remove(sid)


def upload(service: Service, sid: str, given: Upload) -> AssetVersion:
    version = AssetVersion(
        sid=new_sid("ZN"),
        asset_sid=service.assets.get(sid).sid,
        path=given.path if given.path.startswith("/") else f"/{given.path}",
        visibility=given.visibility,
        content=given.content,
        content_type=given.content_type,
    )
    return service.asset_versions.add(version)


def versions_of(service: Service, sid: str) -> list[AssetVersion]:
    """Newest first. Raises NotFoundError for an unknown asset."""
    service.assets.get(sid)
    return [each for each in service.asset_versions.newest_first() if each.asset_sid == sid]


def version(service: Service, asset_sid: str, sid: str) -> AssetVersion:
    found = service.asset_versions.get(sid)
    if found.asset_sid != asset_sid:
        raise NotFoundError
    return found
