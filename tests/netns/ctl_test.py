"""causewayctl at real appliances in three sites: each command, a drain, and the timeline of a cut."""

import argparse
import json
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from netns import ROOT, Cases, conclude, expect  # first: it makes the demo's modules known

from processes import Processes, wait_until
from sites import Publisher, Sites, Subscriber

SITES = ["us-east", "us-west", "germany"]
TRACK = {"id": "cam", "transport": "publisher", "layers": [{"name": "main", "ssrc": 1111}]}
LEG = {"track": "cam", "transport": "subscriber", "ssrc": 2222}
COMMANDS = {
    "status": "peers       2 of 2 up",
    "peers": "us-east-1",
    "tracks": "TRACK",
    "relays": "cam",
    "verdicts": "in service",
    "where cam": "origin      us-east-1",
    "timeline -10m": "Tracks",
    "top --once": "PEER",
}


class Ctl:
    def __init__(self, sites: Sites) -> None:
        self._sites = sites

    def run(self, site: str, *words: str, expected: int = 0) -> str:
        socket = f"/run/{self._sites[site].file_prefix}/api.sock"
        return run(self._sites.build, "--socket", socket, *words, expected=expected)

    def json(self, site: str, *words: str) -> Any:
        return json.loads(self.run(site, *words, "--json"))

    def readyz(self, site: str) -> int:
        socket = f"/run/{self._sites[site].file_prefix}/api.sock"
        answer = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", socket,
                                 "http://localhost/readyz"], capture_output=True, text=True, check=True)
        return int(answer.stdout)


def run(build: Path, *words: str, expected: int = 0) -> str:
    done = subprocess.run([build / "causewayctl", *words], capture_output=True, text=True, timeout=60)
    expect(done.returncode == expected, f"{' '.join(words)} ends with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout if expected == 0 else done.stderr


def check_commands(ctl: Ctl) -> None:
    for words, part in COMMANDS.items():
        text = ctl.run("germany", *words.split())
        expect(part in text, f"{words} does not say {part!r}:\n{text}")
        expect(isinstance(ctl.json("germany", *words.split()), dict), f"{words} --json is no object")


def check_things(ctl: Ctl, folder: Path) -> None:
    wish = folder / "track.json"
    wish.write_text(json.dumps({"id": "other", "transport": "publisher", "layers": [{"name": "main", "ssrc": 77}]}))
    expect("as asked for now" in ctl.run("germany", "put", "track", "other", str(wish)), "put")
    expect("so already" in ctl.run("germany", "put", "track", "other", str(wish)), "put again")
    expect(ctl.json("germany", "get", "track", "other")["id"] == "other", "get")
    expect("is gone" in ctl.run("germany", "delete", "track", "other"), "delete")
    expect("other" in ctl.run("germany", "get", "track", "other", expected=1), "get of what is gone")


def check_where(ctl: Ctl) -> None:
    expect("this node" in ctl.run("us-east", "where", "cam"), "the origin does not know itself")
    expect(ctl.json("us-west", "where", "cam")["label"]["origin"] == "us-east-1", "us-west does not know the origin")
    expect("nothing is known" in ctl.run("us-west", "where", "nobody", expected=1), "where of nothing")


def check_drain(ctl: Ctl) -> None:
    def seen() -> str:
        return {peer["name"]: peer["drain"] for peer in ctl.json("germany", "peers")["items"]}["us-west-1"]

    expect(ctl.readyz("us-west") == 200, "us-west is not ready")
    expect("by an operator" in ctl.run("us-west", "drain"), "drain")
    expect(ctl.readyz("us-west") == 503, "us-west is ready although it drains")
    expect(wait_until(lambda: seen() != "none", 5), "germany does not see the drain")
    ctl.run("us-west", "undrain")
    expect(ctl.readyz("us-west") == 200, "us-west is not ready again")
    expect(wait_until(lambda: seen() == "none", 5), "germany does not see the end of the drain")
    expect(wait_until(lambda: "operator_undrain" in ctl.run("us-west", "timeline", "-10m"), 5),
           "the drain is not in the timeline")


def check_cut(ctl: Ctl, sites: Sites, subscriber: Subscriber) -> None:
    sites.wan.cut_for(4, "germany")
    healed = time.monotonic()
    subscriber.first_after(healed, 20)
    wanted = ["Links", "us-east-1", "relay_starved", "relay_up", "link_down"]
    missing: list[str] = []

    def told() -> bool:
        text = ctl.run("germany", "timeline", "-10m")
        missing[:] = [word for word in wanted if word not in text]
        return not missing

    expect(wait_until(told, 20), f"the timeline does not tell {missing}")
    print(ctl.run("germany", "timeline", "-10m"))


def check_kill(ctl: Ctl, sites: Sites) -> None:
    """What was told before a crash is told after it."""
    before = len(ctl.json("germany", "timeline", "-10m")["items"])
    sites["germany"].kill()
    message = ctl.run("germany", "status", expected=3)
    expect("socket" in message, f"it does not say that the socket has no appliance: {message}")
    with (sites["germany"].folder / "germany-1.journal").open("a") as journal:
        journal.write('{"number":1,"at_ms":')
    sites["germany"].start()
    sites["germany"].wait_ready()
    after = ctl.json("germany", "timeline", "-10m")
    expect(len(after["items"]) >= before, f"{before} entries before the crash, {len(after['items'])} after it")
    expect(after["torn"] == 1, f"{after['torn']} torn lines")
    numbers = [item["number"] for item in after["items"]]
    expect(numbers == sorted(set(numbers)), f"the numbers are {numbers}")


def check_errors(build: Path, folder: Path) -> None:
    message = run(build, "--socket", str(folder / "none"), "status", expected=3)
    expect("is the appliance running?" in message, message)
    run(build, "nonsense", expected=64)
    run(build, "where", expected=64)


def test(build: Path, folder: Path, stack: ExitStack) -> None:
    processes = Processes()
    stack.callback(processes.end_all)
    sites = Sites(build, SITES, folder, processes, {"us-east": [TRACK]}, {"us-west": [LEG], "germany": [LEG]})
    stack.callback(sites.remove)
    sites.start()
    begin = time.monotonic()
    publisher = Publisher(sites["us-east"], 1111)
    stack.callback(publisher.end)
    subscribers = {name: Subscriber(sites[name]) for name in ("us-west", "germany")}
    for subscriber in subscribers.values():
        stack.callback(subscriber.end)
        subscriber.first_after(begin, 20)
    ctl = Ctl(sites)
    expect(wait_until(lambda: ctl.json("germany", "status")["peers"]["up"] == 2, 10), "not all peers are up")
    cases = Cases()
    cases.run("commands", lambda: check_commands(ctl))
    cases.run("things", lambda: check_things(ctl, folder))
    cases.run("where", lambda: check_where(ctl))
    cases.run("drain", lambda: check_drain(ctl))
    cases.run("cut", lambda: check_cut(ctl, sites, subscribers["germany"]))
    cases.run("kill", lambda: check_kill(ctl, sites))
    cases.run("errors", lambda: check_errors(build, folder))
    cases.conclude()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    built = parser.parse_args().build.resolve()
    conclude("ctl", lambda folder, stack: test(built, folder, stack))
