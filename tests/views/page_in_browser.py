"""A page in headless Chromium, driven as a person drives it; no network is reached.

The browser listens on a pipe to its DevTools protocol: nothing beside it is needed.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
DESK, PHONE = (1280, 800), (390, 844)
SECONDS = 60.0  # that an answer of the browser may take


class Browser:
    """A browser without pages; `open` makes one.

    Args:
        profile: Folder for what it writes.
    """

    def __init__(self, profile):
        here, to_us = map(_high, os.pipe())
        from_us, there = map(_high, os.pipe())
        script = f'exec "$@" 3<&{from_us} 4>&{to_us}'  # it reads 3 and writes 4
        self.process = subprocess.Popen(
            [
                "bash",
                "-c",
                script,
                "bash",
                BROWSER,
                *FLAGS,
                f"--user-data-dir={profile}",
            ],
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self.reads, self.writes, self.rest = here, there, b""
        self.asked, self.events = 0, []

    def open(self, place, size=DESK, *, dark=False):
        """The page at a path or address, in a window of that size."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        told = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        return Page(self, told["sessionId"], place, size, dark)

    def ask(self, method, session=None, **params):
        """What the browser answers; what it tells meanwhile is kept."""
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        os.write(self.writes, json.dumps(message).encode() + b"\0")
        answer = self.wait(lambda told: told.get("id") == message["id"])
        assert "error" not in answer, answer
        return answer["result"]

    def wait(self, is_it):
        """The first message that is it."""
        until = time.monotonic() + SECONDS
        while True:
            told = self._next(until)
            if is_it(told):
                return told
            self.events.append(told)

    def _next(self, until):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reads], [], [], until - time.monotonic())
            assert ready, "the browser says nothing"
            more = os.read(self.reads, 1 << 20)
            assert more, "the browser is gone"
            self.rest += more
        first, _, self.rest = self.rest.partition(b"\0")
        return json.loads(first)

    def close(self):
        """Ends it."""
        self.process.kill()
        self.process.wait()
        os.close(self.reads)
        os.close(self.writes)


def _high(number):
    """The same open file under a number that is neither 3 nor 4."""
    higher = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(number)
    return higher


class Page:
    """A page that is open."""

    def __init__(self, browser, session, place, size, dark):
        self.browser, self.session = browser, session
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        wide, high = size
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=wide,
            height=high,
            deviceScaleFactor=1,
            mobile=size == PHONE,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Emulation.setTouchEmulationEnabled", enabled=size == PHONE)
        address = place if isinstance(place, str) else place.as_uri()
        self.ask("Page.navigate", url=address)
        if not self.told("Page.loadEventFired"):
            browser.events.append(
                browser.wait(lambda told: self._is(told, "Page.loadEventFired"))
            )

    def ask(self, method, **params):
        """What the browser answers about this page."""
        return self.browser.ask(method, self.session, **params)

    def told(self, method):
        """What the browser said of this page by itself, by the kind of event."""
        found = [event for event in self.browser.events if self._is(event, method)]
        return [event["params"] for event in found]

    def _is(self, event, method):
        return event.get("method") == method and event["sessionId"] == self.session

    @property
    def errors(self):
        """What stands in its console, and scripts that failed."""
        self.value("0")  # so that all has been said
        kinds = (
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
        )
        return [told for kind in kinds for told in self.told(kind)]

    @property
    def requests(self):
        """Addresses that it asked for, its own among them."""
        told = self.told("Network.requestWillBeSent")
        return [one["request"]["url"] for one in told]

    def value(self, script):
        """What an expression of JavaScript gives in the page."""
        told = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def middle(self, script):
        """The middle of an element, which is scrolled to where it is not seen."""
        return self.value(
            f"(() => {{ const e = {script}, seen = e.getBoundingClientRect(); "
            "if (seen.top < 0 || seen.bottom > innerHeight) "
            "e.scrollIntoView({ block: 'center' }); "
            "const b = e.getBoundingClientRect(); "
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )

    def move(self, x, y, **more):
        """The pointer goes there."""
        self._mouse("mouseMoved", x, y, **more)

    def click(self, x, y):
        """The pointer goes there and is pressed."""
        self.drag([(x, y)])

    def drag(self, places):
        """The pointer is pressed at the first place and let go at the last."""
        self.move(*places[0])
        self._mouse("mousePressed", *places[0], button="left", buttons=1, clickCount=1)
        for place in places[1:]:
            self.move(*place, button="left", buttons=1)
        self._mouse("mouseReleased", *places[-1], button="left", clickCount=1)

    def tap(self, x, y):
        """A finger touches there."""
        point = [{"x": x, "y": y}]
        self.ask("Input.dispatchTouchEvent", type="touchStart", touchPoints=point)
        self.ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def press(self, key):
        """A key is pressed and let go."""
        text = {"Enter": "\r", " ": " "}.get(key, key if len(key) == 1 else "")
        told = {"key": key, "code": key} | ({"text": text} if text else {})
        self.ask("Input.dispatchKeyEvent", type="keyDown", **told)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def write(self, text):
        """Text is typed where the focus is."""
        self.ask("Input.insertText", text=text)

    def picture(self, path, *, whole=False):
        """Keeps what is on the screen, or the whole page, as PNG."""
        told = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(told["data"]))

    def _mouse(self, kind, x, y, **more):
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)
