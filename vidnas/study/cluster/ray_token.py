"""Which token does this user have for Ray? Where Ray looks for one, in its order."""

import os
from collections.abc import Mapping
from pathlib import Path

from vidnas.errors import InputError

DEFAULT = Path(".ray") / "auth_token"  # of the home folder


def ray_token(environment: Mapping[str, str] | None = None) -> str:
    """The token; empty where there is none, or RAY_AUTH_MODE is `disabled`.

    Args:
        environment: Variables of the environment; by default this process's own.

    Raises:
        InputError: RAY_AUTH_TOKEN_PATH names a file that cannot be read.
    """
    env = os.environ if environment is None else environment
    if env.get("RAY_AUTH_MODE", "").lower() == "disabled":
        return ""
    if env.get("RAY_AUTH_TOKEN", "").strip():
        return env["RAY_AUTH_TOKEN"].strip()
    named = env.get("RAY_AUTH_TOKEN_PATH")
    if named:
        try:
            return Path(named).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as wrong:
            raise InputError(
                f"`RAY_AUTH_TOKEN_PATH` must be a file with Ray's token, {named} "
                "cannot be read."
            ) from wrong
    try:
        return (Path(env.get("HOME", "~")).expanduser() / DEFAULT).read_text().strip()
    except (OSError, UnicodeDecodeError, RuntimeError):
        return ""


def token_remedy(has_token: bool) -> str:
    """What to do where Ray does not take the token.

    Args:
        has_token: Whether one was sent.
    """
    if has_token:
        return (
            "its token is another: set RAY_AUTH_TOKEN to the cluster's, which "
            "`ray get-auth-token` prints on its head"
        )
    return (
        "it wants a token: set RAY_AUTH_TOKEN to the one that `ray get-auth-token` "
        "prints on its head"
    )
