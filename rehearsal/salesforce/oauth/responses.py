"""Token and user answers as Salesforce shapes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from rehearsal.salesforce.oauth.state import Grant
from rehearsal.salesforce.org import Org


def token(org: Org, grant: Grant, client_secret: str = "") -> dict[str, Any]:
    identity = f"{org.url}/id/{org.id}/{grant.user_id}"
    issued = str(int(time.time() * 1000))
    signature = hmac.new(client_secret.encode(), (identity + issued).encode(), hashlib.sha256).digest()
    return {
        "access_token": grant.token,
        "signature": base64.b64encode(signature).decode(),
        "scope": grant.scope,
        "instance_url": org.url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }


def user(org: Org, user_id: str) -> dict[str, Any]:
    record = org.table("User")[user_id]
    return {
        "sub": f"{org.url}/id/{org.id}/{user_id}",
        "user_id": user_id,
        "organization_id": org.id,
        "preferred_username": record["Username"],
        "nickname": record["Alias"],
        "name": record["Name"],
        "email": record["Email"],
        "email_verified": True,
        "given_name": record["FirstName"],
        "family_name": record["LastName"],
        "zoneinfo": record["TimeZoneSidKey"],
        "active": record["IsActive"],
        "user_type": record["UserType"].upper(),
        "language": record["LanguageLocaleKey"],
        "locale": record["LocaleSidKey"],
        "urls": {
            "metadata": f"{org.url}/services/Soap/m/{{version}}/{org.id[:15]}",
            "rest": f"{org.url}/services/data/v{{version}}/",
            "sobjects": f"{org.url}/services/data/v{{version}}/sobjects/",
            "query": f"{org.url}/services/data/v{{version}}/query/",
            "custom_domain": org.url,
        },
        "updated_at": record["LastModifiedDate"],
    }
