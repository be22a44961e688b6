"""One kind of resource at a vendor that the test can make slow: found by its name before it is made."""

import os

import httpx
from pulumi.dynamic import CreateResult, ReadResult, Resource, ResourceProvider, UpdateResult

VENDOR = os.environ["VENDOR_URL"]


class ThingProvider(ResourceProvider):
    def create(self, props):
        for each in httpx.get(f"{VENDOR}/things").json():
            if each["name"] == props["name"]:
                return CreateResult(each["id"], dict(props))
        made = httpx.post(f"{VENDOR}/things", json={"name": props["name"]}, timeout=60).json()
        return CreateResult(made["id"], dict(props))

    def read(self, id_, props):
        return ReadResult(id_, dict(props))

    def update(self, _id, _olds, news):
        return UpdateResult(dict(news))

    def delete(self, id_, _props):
        httpx.delete(f"{VENDOR}/things/{id_}")


class Thing(Resource, module="test", name="Thing"):
    def __init__(self, name, opts=None):
        super().__init__(ThingProvider(), name, {"name": name}, opts)
