"""Words for browsers on the security page, and its QR code for an app."""

import re

import segno
from django.utils.translation import gettext as _

BROWSERS = (
    (re.compile(r"MicroMessenger"), "微信"),
    (re.compile(r"Edg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"QQBrowser/"), "QQ浏览器"),
    (re.compile(r"OPR/"), "Opera"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrome/|CriOS/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
)
SYSTEMS = (
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"Linux"), "Linux"),
)


def browser_name(agent: str) -> str:
    """A User-Agent header as people call it: "Chrome · Windows"."""
    found = [next((name for form, name in forms if form.search(agent)), "") for forms in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or agent[:40] or _("Unknown browser")


def qr_code(text: str) -> str:
    """A QR code as an address of its picture: black on white whatever the theme, or cameras do not read it."""
    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=3, dark="#000", light="#fff"))
