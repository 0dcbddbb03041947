"""Every virtual device that a port may be: it carries media and the exception path, counts all, ends in time."""

import shutil
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from functools import partial
from types import SimpleNamespace
from typing import Any

from netns import Bench, Cases, Skip, ends, expect, expect_conservation, main  # first: the demo's modules

import plain
from appliance import START_DEADLINE_S, Appliance, ping
from processes import DemoError, wait_until
from topology import HOST_INTERFACE, Namespace

_PACKETS = 50
_FLOOD = 1_000_000
_CLIENT_MAC = "02:00:00:00:00:99"
_PCAP_MAC = bytes.fromhex("027063617000")  # net_pcap's own, of its first port
_PCAP_HEADER = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)  # 1: Ethernet


def expect_media(document: Mapping[str, Any], frames: Iterable[bytes]) -> None:
    """Each leg was sent each packet once, with its own numbers."""
    remotes = {each["name"]: each["remote"] for each in document["transports"]}
    frames = list(frames)
    for leg in document["legs"]:
        found = (plain.udp_payload(frame, remotes[leg["transport"]]) for frame in frames)
        got = [payload for payload in found if payload is not None]
        sent = [plain.rewritten(plain.rtp(sequence), leg) for sequence in range(_PACKETS)]
        expect(got == sent, f"{leg['transport']}: of {_PACKETS} arrived {len(got)}, or not as they were sent")


def is_media(document: Mapping[str, Any], frame: bytes) -> bool:
    return any(plain.udp_payload(frame, each["remote"]) is not None for each in document["transports"][1:])


def exercise(bench: Bench, appliance: Appliance, hosts: Mapping[str, Namespace]) -> None:
    """Media reaches both subscribers over IPv4 and IPv6, the appliance answers ping, all is counted; it ends."""
    document = bench.config.document
    publisher = document["transports"][0]
    with ExitStack() as stack:
        # One tap for each interface: two hosts may share one.
        namespaces = {hosts[each["name"]].name: hosts[each["name"]] for each in document["transports"][1:]}
        taps = [stack.enter_context(closing(plain.Tap(namespace))) for namespace in namespaces.values()]
        udp = stack.enter_context(plain.udp_socket(hosts["publisher"], publisher["remote"]))
        for sequence in range(_PACKETS):
            udp.sendto(plain.rtp(sequence), plain.target(publisher["local"]))
        wanted = _PACKETS * len(document["legs"])
        frames: list[bytes] = []

        def all_arrived() -> bool:
            for tap in taps:
                frames.extend(frame for frame in tap.frames() if is_media(document, frame))
            return len(frames) >= wanted

        arrived = wait_until(all_arrived, 10)
    expect(arrived, f"{len(frames)} packets of {wanted} arrive: {appliance.counters()}")
    expect_media(document, frames)
    for each in document["transports"]:
        address = plain.target(each["local"])[0]
        expect(ping(hosts[each["name"]], address), f"{address} does not answer {each['name']}'s ping")
    expect_conservation(appliance)
    bench.end_appliance(appliance)


def on_interface(bench: Bench, device: str) -> None:
    """The port is a kernel interface: the appliance's end of the cable to the switch."""
    bench.use(plain.document(plain.simple(), device))
    exercise(bench, bench.start_appliance(), bench.topology.hosts)


def xdp(bench: Bench) -> None:
    try:
        socket.socket(socket.AF_XDP if hasattr(socket, "AF_XDP") else 44, socket.SOCK_RAW).close()
    except OSError as error:
        raise Skip(f"the kernel has no AF_XDP: {error}") from error
    on_interface(bench, f"net_af_xdp0,iface={plain.PORT_INTERFACE}")


def memif(bench: Bench) -> None:
    """dpdk-testpmd is the other end, and joins it to the cable."""
    if shutil.which("dpdk-testpmd") is None:
        raise Skip("dpdk-testpmd is missing (package dpdk-dev)")
    path = bench.folder / "memif.sock"
    bench.topology.appliance.ip("link", "set", plain.PORT_INTERFACE, "promisc", "on")  # testpmd would, and leave it
    bench.use(plain.document(plain.simple(), f"net_memif0,role=server,socket={path},socket-abstract=no"))
    appliance = bench.launch_appliance()
    appliance.process.wait_for("no memif socket", path.exists, START_DEADLINE_S)
    # Its forwarding thread stands on the control thread's CPU, away from the worker's. Without statistics it
    # would end with its standard input.
    bench.processes.start("dpdk-testpmd", bench.topology.appliance.command(
        "dpdk-testpmd", "--lcores", "0,1@0", "--no-huge", "-m", "256", "--no-pci", "--no-shconf",
        "--file-prefix", appliance.file_prefix, "--no-telemetry",
        "--vdev", f"net_memif0,role=client,socket={path},socket-abstract=no",
        "--vdev", f"net_af_packet0,iface={plain.PORT_INTERFACE}", "--",
        "--forward-mode=io", "--auto-start", "--total-num-mbufs=8192",
        "--stats-period=60"), bench.folder / "testpmd.log")
    appliance.wait_ready(bench.topology, bench.config)
    exercise(bench, appliance, bench.topology.hosts)
    bench.topology.appliance.ip("link", "set", plain.PORT_INTERFACE, "promisc", "off")


def tap(bench: Bench) -> None:
    """The kernel's end of the TAP is the interface of the only client, which is publisher and subscribers."""
    bench.use(plain.document(plain.simple(), "net_tap0,iface=cw-tap"))
    appliance = bench.launch_appliance()
    appliance.process.wait_for("telemetry does not answer", appliance.answers_telemetry, START_DEADLINE_S)
    client = Namespace(f"{bench.topology.appliance.name}-tap")
    with ExitStack() as stack:
        stack.callback(client.remove)
        client.sysctl(net__ipv6__conf__default__accept_dad=0, net__ipv6__conf__default__accept_ra=0)
        bench.topology.appliance.ip("link", "set", "cw-tap", "address", _CLIENT_MAC)  # it had the port's
        bench.topology.appliance.ip("link", "set", "cw-tap", "netns", client.name, "name", HOST_INTERFACE)
        client.ip("link", "set", HOST_INTERFACE, "up")
        for host in plain.HOSTS:
            client.ip("address", "add", plain.host_address(host, 4) + "/24", "dev", HOST_INTERFACE)
            client.ip("address", "add", plain.host_address(host, 6) + "/64", "dev", HOST_INTERFACE, "nodad")
        hosts = dict.fromkeys(plain.HOSTS, client)
        appliance.wait_ready(SimpleNamespace(hosts=hosts), bench.config)
        exercise(bench, appliance, hosts)
        expect(HOST_INTERFACE not in client.ip("-oneline", "link", "show"), "the TAP is left")


def pcap_file(bench: Bench) -> None:
    """Frames come from one file and go to another: nobody to ping, and neighbours that need no resolution."""
    source, sink = bench.folder / "in.pcap", bench.folder / "out.pcap"
    frames = [plain.udp_frame(_PCAP_MAC, plain.simple()[0], plain.rtp(sequence)) for sequence in range(_PACKETS)]
    source.write_bytes(_PCAP_HEADER + b"".join(
        struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame for frame in frames))
    neighbours = [{"address": plain.host_address("alice", 4), "mac": _CLIENT_MAC},
                  {"address": plain.host_address("bob", 6), "mac": _CLIENT_MAC}]
    bench.use(plain.document(plain.simple(), f"net_pcap0,rx_pcap={source},tx_pcap={sink}",
                             exception_interface="", neighbours=neighbours))
    appliance = bench.launch_appliance()
    appliance.process.wait_for("not all frames were forwarded", partial(has_forwarded, appliance), START_DEADLINE_S)
    expect_conservation(appliance)
    bench.end_appliance(appliance)
    expect_media(bench.config.document, pcap_frames(sink.read_bytes()))


def has_forwarded(appliance: Appliance) -> bool:
    try:
        return appliance.counters()["forwarded"] == _PACKETS
    except DemoError:
        return False  # not started yet


def pcap_frames(file: bytes) -> Iterable[bytes]:
    at = len(_PCAP_HEADER)
    while at < len(file):
        length = struct.unpack_from("<I", file, at + 8)[0]
        yield file[at + 16:at + 16 + length]
        at += 16 + length


def ring(bench: Bench) -> None:
    """Looped on itself: what the appliance's kernel sends comes back, and is for another station."""
    bench.use(plain.document(plain.simple(), "net_ring0"))
    appliance = bench.launch_appliance()
    appliance.process.wait_for("telemetry does not answer", appliance.answers_telemetry, START_DEADLINE_S)
    kernel, pings = bench.topology.appliance, 3
    kernel.ip("neighbour", "replace", plain.host_address("alice", 4), "lladdr", _CLIENT_MAC, "nud", "permanent",
              "dev", plain.EXCEPTION_INTERFACE)
    answers = [ping(kernel, plain.host_address("alice", 4)) for _ in range(pings)]
    expect(not any(answers), "somebody answers on a ring")
    expect(wait_until(lambda: appliance.drops().get("mac_not_ours", 0) >= pings, 5),
           f"what came back is not dropped: {appliance.counters()}")
    expect_conservation(appliance)
    bench.end_appliance(appliance)


def null(bench: Bench) -> None:
    """It floods empty frames: each is dropped by name, and SIGTERM still gets through."""
    bench.use(plain.document(plain.simple(), "net_null0"))
    appliance = bench.launch_appliance()
    appliance.process.wait_for("telemetry does not answer", appliance.answers_telemetry, START_DEADLINE_S)
    first = appliance.counters()
    appliance.process.wait_for("no flood", lambda: int(str(appliance.counters()["received"])) > _FLOOD, 30)
    second = appliance.counters()
    expect(second["forwarded"] == 0, f"zeros are forwarded: {second}")
    expect(sum(second["drops"].values()) > 0, f"no drop has a name: {second}")
    # It never pauses, so no reading is exact: nothing ends before it is received, and all does soon after.
    burst = 64
    expect(ends(first) <= second["received"] and first["received"] - burst <= ends(second),
           f"counters drift: {first} {second}")
    bench.end_appliance(appliance)


def test(bench: Bench) -> None:
    cases = Cases(bench)
    cases.run("net_af_packet", lambda: on_interface(bench, f"net_af_packet0,iface={plain.PORT_INTERFACE}"))
    cases.run("net_af_xdp", lambda: xdp(bench))
    cases.run("net_memif", lambda: memif(bench))
    cases.run("net_tap", lambda: tap(bench))
    cases.run("net_pcap, an interface", lambda: on_interface(bench, f"net_pcap0,iface={plain.PORT_INTERFACE}"))
    cases.run("net_pcap, files", lambda: pcap_file(bench))
    cases.run("net_ring", lambda: ring(bench))
    cases.run("net_null", lambda: null(bench))
    cases.conclude()


if __name__ == "__main__":
    main("vdevs", test, plain.document(plain.simple()))
