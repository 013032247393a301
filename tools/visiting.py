"""A visitor without a browser: speaks to a dashboard as Streamlit's page does, and times what it answers.

One visitor keeps a cookie, opens a page by its address and another by the menu, asks again for the parts of a page that
refresh by themselves at the rates that the server names, and fetches the pictures that it is shown. What would show a
person an error counts as one.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx2
from google.protobuf.message import Message
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

COOKIE: Final = "genlab_visitor"
DRAWN: Final = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
"""Ends of a script's run after which the page is as it should be; another run follows the others."""
KEPT_RUNS: Final = 2
"""Runs of the script for which a page keeps messages that may come again; the server then sends their hashes alone."""
LONGEST_SECONDS: Final = 30.0


class Page(NamedTuple):
    """A page by its path, and the query of its address."""

    path: str
    query: dict[str, str] = {}  # noqa: RUF012 -- nobody changes it


@dataclass
class Seen:
    """What all visitors together were shown.

    Attributes
    ----------
    pages, parts
        Seconds from asking for a page, or for a part of one, until its script had run.
    errors
        What went wrong, in words.
    """

    pages: list[float] = field(default_factory=list)
    parts: list[float] = field(default_factory=list)
    by_page: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    bytes: int = 0
    pictures: int = 0


@dataclass
class _Wish:
    """Something that the page asks for: the whole of it, or a part that refreshes."""

    asked: float
    fragment: str = ""


class Visitor:
    """One open tab.

    Parameters
    ----------
    url
        Of the server, without a slash at its end.
    seen
        Where what happens is kept.
    """

    def __init__(self, url: str, seen: Seen) -> None:
        self.url, self.seen = url, seen
        self.origin = url
        self.path = ""
        self._query = ""
        self._pages: dict[str, str] = {}
        self._wishes: asyncio.Queue[_Wish] = asyncio.Queue()
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._waiting: set[str] = set()
        self._kept: dict[str, int] = {}
        self._fetched: set[str] = set()
        self._runs = 0
        self._http = httpx2.AsyncClient(base_url=url, timeout=LONGEST_SECONDS)

    @property
    def cookie(self) -> str:
        """The secret that the server gave; empty where it gives none."""
        return self._http.cookies.get(COOKIE) or ""

    async def arrive(self, path: str = "/") -> None:
        """Fetch the page's HTML, and with it the cookies."""
        for address in (path, "/_stcore/health", "/_stcore/host-config"):
            await self.get(address)

    async def stay(self, pages: Sequence[Page], seconds: float) -> None:
        """Open pages, one every `seconds`, and look at each meanwhile."""
        xsrf = self._http.cookies.get("_streamlit_xsrf") or ""
        cookies = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        address = f"ws{self.url.removeprefix('http')}/_stcore/stream"
        protocols = [Subprotocol(name) for name in ("streamlit", xsrf) if name]
        try:
            async with connect(
                address, origin=Origin(self.origin), subprotocols=protocols, additional_headers={"Cookie": cookies},
                max_size=None, compression=None, proxy=None,
            ) as socket:  # fmt: skip
                answering = asyncio.create_task(self._answer(socket))
                try:
                    for page in pages:
                        self._open(page)
                        await asyncio.wait([answering], timeout=seconds)
                        if answering.done():
                            await answering
                            return
                finally:
                    self._stop_timers(list(self._timers))
                    answering.cancel()
                    with suppress(asyncio.CancelledError):
                        await answering
        except (WebSocketException, OSError, TimeoutError) as error:
            self.seen.errors.append(f"{self.path}: {type(error).__name__}: {error}")

    async def get(self, path: str, headers: dict[str, str] | None = None) -> None:
        """Fetch an address of the server; what is not there counts as an error."""
        accept = {"Accept": "text/html" if path == "/" else "*/*"}
        try:
            answer = await self._http.get(path, headers={**accept, **(headers or {})})
        except httpx2.HTTPError as error:
            self.seen.errors.append(f"{path}: {type(error).__name__}: {error}")
            return
        self.seen.bytes += len(answer.content)
        if answer.status_code != 200:
            self.seen.errors.append(f"{urlsplit(path).path}: {answer.status_code}")

    async def leave(self) -> None:
        """Close what is open."""
        await self._http.aclose()

    def _open(self, page: Page) -> None:
        self.path, self._query = page.path, urlencode(page.query)
        self._stop_timers(list(self._timers))
        while not self._wishes.empty():
            self._wishes.get_nowait()
        self._waiting.clear()
        self._wishes.put_nowait(_Wish(time.perf_counter()))

    async def _answer(self, socket: ClientConnection) -> None:
        """Ask for one thing after the other, and wait for each."""
        while True:
            wish = await self._wishes.get()
            self._waiting.discard(wish.fragment)
            path = self.path
            await socket.send(self._message(wish))
            async with asyncio.timeout(LONGEST_SECONDS):
                while not await self._take(await socket.recv(decode=False), wish):
                    pass
            if not wish.fragment or wish.fragment in self._timers:
                took = time.perf_counter() - wish.asked
                (self.seen.parts if wish.fragment else self.seen.pages).append(took)
                self.seen.by_page.setdefault(path, []).append(took)

    def _message(self, wish: _Wish) -> bytes:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        if self._pages:
            state.page_script_hash = self._pages.get(self.path, "")
        else:
            state.page_name = "" if self.path == "overview" else self.path
        state.fragment_id = wish.fragment
        state.is_auto_rerun = bool(wish.fragment)
        state.cached_message_hashes.extend(self._kept)
        state.context_info.timezone, state.context_info.locale = "UTC", "en-GB"
        state.context_info.url = f"{self.url}/{self.path}?{self._query}"
        return bytes(message.SerializeToString())

    async def _take(self, data: bytes, wish: _Wish) -> bool:
        """Take a message in; whether the page is complete now."""
        message = ForwardMsg.FromString(data)
        self.seen.bytes += len(data)
        kind = message.WhichOneof("type")
        if message.metadata.cacheable and message.hash:
            self._kept[message.hash] = self._runs
        if kind == "new_session":
            self._begin(message)
        elif kind == "navigation":
            self._pages = {page.url_pathname.strip("/"): page.page_script_hash for page in message.navigation.app_pages}
            for page in message.navigation.app_pages:
                if page.is_default:
                    self._pages["overview"] = page.page_script_hash
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_timers(list(message.stop_auto_rerun.fragment_ids))
        elif kind == "delta":
            await self._look_at(message)
        elif kind in ("page_not_found", "session_event"):
            self.seen.errors.append(f"{self.path}: {kind}")
        return kind == "script_finished" and message.script_finished in DRAWN and (
            bool(wish.fragment) or message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        )  # fmt: skip

    def _begin(self, message: ForwardMsg) -> None:
        if not message.metadata.run.fragment_ids:
            self._stop_timers(list(self._timers))
        self._runs += 1
        self._kept = {name: run for name, run in self._kept.items() if run >= self._runs - KEPT_RUNS}

    def _repeat(self, fragment: str, seconds: float) -> None:
        self._stop_timers([fragment])

        async def ask() -> None:
            while True:
                await asyncio.sleep(seconds)
                if fragment not in self._waiting:
                    self._waiting.add(fragment)
                    self._wishes.put_nowait(_Wish(time.perf_counter(), fragment))

        self._timers[fragment] = asyncio.create_task(ask())

    def _stop_timers(self, fragments: list[str]) -> None:
        for fragment in fragments:
            if (timer := self._timers.pop(fragment, None)) is not None:
                timer.cancel()

    async def _look_at(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.seen.errors.append(f"{self.path}: {element.exception.type}: {element.exception.message}")
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.seen.errors.append(f"{self.path}: {element.alert.body}")
        for url in _media(element):
            if url not in self._fetched:
                self._fetched.add(url)
                self.seen.pictures += 1
                await self.get(url)


def _media(message: Message) -> Iterator[str]:
    """Addresses below ``/media/`` anywhere in a message's pictures."""
    imgs = getattr(message, "imgs", None)
    for image in imgs.imgs if imgs is not None else ():
        if image.url.startswith("/media/"):
            yield image.url
