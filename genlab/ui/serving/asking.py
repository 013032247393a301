"""Who asks, and for what: all that is known of a request before it is answered."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final, Literal

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.types import Scope

from genlab.settings import settings

Kind = Literal["socket", "upload", "decode", "health", "metrics", "asset", "page"]

PROXY_HEADERS: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
UNKNOWN: Final = "unknown"


def base() -> str:
    """What the paths of this server begin with: nothing, or ``/`` and Streamlit's ``server.baseUrlPath``."""
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""


def kind_of(scope: Scope) -> Kind:
    """What a request is for."""
    path = str(scope["path"]).removeprefix(base()).lstrip("/")
    if scope["type"] == "websocket":
        return "socket"
    if path.startswith("_stcore/upload_file"):
        return "upload" if scope["method"] in ("PUT", "POST") else "asset"
    if path in ("metrics", "_stcore/metrics"):
        return "metrics"
    if path.startswith("health/"):
        return "health"
    if path.startswith("lab/"):
        return "decode"
    return "asset" if path.startswith(("_stcore/", "static/", "media/", "component/")) or "." in path else "page"


def address_of(scope: Scope) -> str:
    """The address that a request comes from, told from others: one of IPv4, or a network of IPv6, as homes get them.

    What ``X-Forwarded-For`` says is believed as far back as the addresses are those of our proxies.
    """
    client = scope.get("client")
    hops = [*_forwarded(scope), client[0] if client else UNKNOWN]
    address = hops.pop()
    while hops and _is_proxy(address):
        address = hops.pop()
    try:
        known = ip_address(address)
    except ValueError:
        return UNKNOWN
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or IPv6Network((known, 64), strict=False).network_address)


def is_local(scope: Scope) -> bool:
    """Whether a request comes from a program of this machine, and by no proxy."""
    client = scope.get("client")
    headers = HTTPConnection(scope).headers
    try:
        loopback = client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False
    return loopback and not any(name in headers for name in PROXY_HEADERS)


def _forwarded(scope: Scope) -> list[str]:
    lines = HTTPConnection(scope).headers.getlist("x-forwarded-for")
    return [hop.strip() for line in lines for hop in line.split(",") if hop.strip()]


def _is_proxy(address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in settings().server.proxies)
