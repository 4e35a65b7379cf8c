"""The security headers of every page: nothing from elsewhere, nothing framed, nothing kept on a shared computer."""

from typing import Final

from flask import Flask, Response, request, session

from web.settings import Settings

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{media}; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
}
YEAR: Final = 365 * 24 * 3600
DAY: Final = 24 * 3600


def install(app: Flask, *, settings: Settings) -> None:
    """Add the headers to every answer of the application."""
    media = f" {settings.media_origin}" if settings.media_origin else ""
    extra = {"Content-Security-Policy": POLICY.format(media=media)}
    if settings.secure:
        extra["Strict-Transport-Security"] = f"max-age={YEAR}"

    def finish(response: Response) -> Response:
        for name, value in (HEADERS | extra).items():
            response.headers.setdefault(name, value)
        _set_caching(response)
        return response

    app.after_request(finish)


def _set_caching(response: Response) -> None:
    if request.endpoint == "static":
        # A version in the address means that the content under it never changes.
        cache = f"public, max-age={YEAR}, immutable" if "v" in request.args else f"public, max-age={DAY}"
        response.headers["Cache-Control"] = cache
    elif "Cache-Control" not in response.headers:
        # After signing out on a shared computer, the back button must show nothing.
        response.headers["Cache-Control"] = "no-store, private" if session else "no-cache, private"
