"""Does a Ray job server answer at an address? One question before any other."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from vidnas.errors import InputError
from vidnas.study.cluster.ray_token import token_remedy

TIMEOUT_SECONDS = 10.0


def require_server(address: str, token: str) -> dict[str, Any]:
    """What the server says of itself: `ray_version` and more.

    Args:
        address: `http://HEAD:8265`, the address of Ray's dashboard.
        token: Ray's token, or empty for none.

    Raises:
        InputError: it is no such address, nothing answers there, what answers is no
            Ray, or it does not take the token.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            "`--address` must be that of Ray's dashboard, http://HEAD:8265, got "
            f"`{address}`."
        )
    if parts.username or parts.password:
        raise InputError("`--address` must hold no password: RAY_AUTH_TOKEN holds it.")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    asked = urllib.request.Request(
        f"{address.rstrip('/')}/api/version", headers=headers
    )
    try:
        with _OPENER.open(asked, timeout=TIMEOUT_SECONDS) as answer:
            said = json.loads(answer.read(100_000))
    except urllib.error.HTTPError as wrong:
        raise _refused(address, wrong.code, token) from wrong
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "reason", None) or wrong
        raise InputError(
            f"`--address` must be Ray's dashboard, {address} does not answer as one: "
            f"{str(reason).rstrip('.')}."
        ) from wrong
    if not isinstance(said, dict) or "ray_version" not in said:
        raise InputError(
            f"`--address` must be Ray's dashboard, what answers at {address} is none."
        )
    return said


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token is not carried to where an answer points."""

    def redirect_request(self, *_: Any) -> None:
        """None: the answer is an error."""
        return


_OPENER = urllib.request.build_opener(_NoRedirect)


def _refused(address: str, code: int, token: str) -> InputError:
    if code in (401, 403):
        return InputError(
            f"{address} refuses this user (HTTP {code}): {token_remedy(bool(token))}."
        )
    return InputError(
        f"`--address` must be Ray's dashboard, {address} answers with HTTP {code}."
    )
