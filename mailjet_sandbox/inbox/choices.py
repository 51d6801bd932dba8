"""What a reader chose and the browser remembers in cookies: the language, and how HTML is looked at."""

from typing import Final

from mailjet_sandbox.http import Request
from mailjet_sandbox.inbox.texts import LANGUAGES, Texts

VIEWS: Final = ("desktop", "phone", "source")
LANGUAGE_COOKIE: Final = "sandbox_language"
VIEW_COOKIE: Final = "sandbox_view"
YEAR: Final = 365 * 24 * 3600


def choose_texts(request: Request) -> Texts:
    """In the language once chosen, else the one the browser prefers, else English."""
    chosen = _cookies(request).get(LANGUAGE_COOKIE, "")
    return LANGUAGES[chosen] if chosen in LANGUAGES else LANGUAGES[_preferred(request)]


def choose_view(request: Request) -> str:
    """What `?view=` asks for, else what it last asked for."""
    wanted = request.query.get("view") or _cookies(request).get(VIEW_COOKIE)
    return wanted if wanted in VIEWS else VIEWS[0]


def remember_language(code: str) -> dict[str, str]:
    return _remember(LANGUAGE_COOKIE, code)


def remember_view(request: Request) -> dict[str, str]:
    return _remember(VIEW_COOKIE, choose_view(request)) if "view" in request.query else {}


def _remember(name: str, value: str) -> dict[str, str]:
    return {"Set-Cookie": f"{name}={value}; Path=/; Max-Age={YEAR}; SameSite=Lax; HttpOnly"}


def _cookies(request: Request) -> dict[str, str]:
    pairs = (part.partition("=") for part in request.headers.get("cookie", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _preferred(request: Request) -> str:
    ranked = [_ranked(part) for part in request.headers.get("accept-language", "").split(",")]
    known = [(weight, code) for weight, code in ranked if code in LANGUAGES and weight > 0]
    return max(known, key=lambda each: each[0])[1] if known else "en"


def _ranked(part: str) -> tuple[float, str]:
    """`fr-CA;q=0.8` is (0.8, "fr")."""
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), tag.strip().lower().split("-")[0]
    except ValueError:
        return 0, ""
