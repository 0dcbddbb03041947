"""An independent receiver: GStreamer's srtpdec (libsrtp) and its depayloader take the appliance's video."""

import shutil
import signal
import subprocess
from pathlib import Path

from netns import Bench, Skip, expect, main  # first: it makes the demo's modules known

from appliance_config import Crypto, Leg
from monitor import Monitor
from processes import IdleWatch, Process, wait_until
from publisher import VIDEO_PAYLOAD_TYPE, start_publisher
from subscribers import picture_contrast

_SECONDS = 4
_START_DEADLINE_S = 30
_MEDIA_DEADLINE_S = 60
_DECODE_DEADLINE_S = 20
_ELEMENTS = ("srtpdec", "rtph264depay", "h264parse", "avdec_h264", "videoconvert", "pngenc", "multifilesink")
_CIPHERS = {"AES_CM_128_HMAC_SHA1_80": ("aes-128-icm", "hmac-sha1-80"),
            "AEAD_AES_128_GCM": ("aes-128-gcm", "null")}


def require_gstreamer() -> None:
    if shutil.which("gst-launch-1.0") is None:
        raise Skip("gst-launch-1.0 is missing: tools/install-deps test")
    for element in _ELEMENTS:
        if subprocess.run(["gst-inspect-1.0", "--exists", element]).returncode != 0:
            raise Skip(f"GStreamer's {element} is missing: tools/install-deps test")


class Receiver:
    """Decodes one video leg into one picture a frame."""

    def __init__(self, bench: Bench, leg: Leg, crypto: Crypto) -> None:
        self.leg = leg
        self.suite = crypto.suite
        self._folder = bench.folder / leg.transport
        self._folder.mkdir()
        self._port = bench.config.transports[leg.transport].remote.port
        host = next(each for each in bench.config.hosts if leg in bench.config.legs_of(each))
        command = bench.topology.hosts[host.name].command(*self._pipeline(crypto))
        self.process: Process = bench.processes.start(
            f"gst-launch-1.0 ({crypto.suite})", command, bench.folder / f"{leg.transport}.log",
            end_signals=(signal.SIGINT,))
        self.idle = IdleWatch(self.process, lambda: len(self.pictures()))

    def wait_ready(self) -> None:
        self.process.wait_for(f"does not listen on UDP {self._port}",
                              lambda: self._port in self.process.udp_ports(), _START_DEADLINE_S)

    def pictures(self) -> list[Path]:
        return sorted(self._folder.glob("*.png"))

    def _pipeline(self, crypto: Crypto) -> list[str]:
        cipher, auth = _CIPHERS[crypto.suite]
        payload_type = self.leg.payload_types.get(VIDEO_PAYLOAD_TYPE, VIDEO_PAYLOAD_TYPE)
        caps = (f"application/x-srtp,media=video,clock-rate=90000,encoding-name=H264,payload={payload_type},"
                f"ssrc=(uint){self.leg.ssrc},roc=(uint)0,srtp-key=(buffer){crypto.hex},"
                f"srtp-cipher={cipher},srtp-auth={auth},srtcp-cipher={cipher},srtcp-auth={auth}")
        # One decoder thread: more would hold back frames. Multiplexed RTCP (RFC 5761) comes out of the other
        # pad of srtpdec, which must lead somewhere.
        return ["gst-launch-1.0", "udpsrc", f"port={self._port}", f"caps={caps}", "!",
                "srtpdec", "name=dec", "dec.rtcp_src", "!", "fakesink", "async=false", "dec.rtp_src", "!",
                "rtph264depay", "!", "h264parse", "!", "avdec_h264", "max-threads=1", "!",
                "videoconvert", "!", "pngenc", "!", "multifilesink", f"location={self._folder}/%05d.png"]


def check(receiver: Receiver, published: int) -> None:
    code = receiver.process.end(deadline_s=10)
    pictures = receiver.pictures()
    what = f"{receiver.leg.name} ({receiver.suite})"
    expect(code == 0, f"{what}: GStreamer ends with {code}\n{receiver.process.tail()}")
    expect(0 < published == len(pictures),
           f"{what}: {len(pictures)} frames decoded of {published}\n{receiver.process.tail()}")
    expect(picture_contrast(pictures[-1]) > 100, f"{what}: the last picture shows nothing")


def test(bench: Bench) -> None:
    """One receiver for each SRTP suite that is configured; every published frame must be decoded."""
    require_gstreamer()
    config = bench.config
    appliance = bench.start_appliance()
    receivers = []
    for leg in config.legs:
        crypto = config.transports[leg.transport].send
        if config.tracks[leg.track].is_video and crypto is not None and crypto.suite in _CIPHERS:
            receivers.append(Receiver(bench, leg, crypto))
    expect({receiver.suite for receiver in receivers} == set(_CIPHERS), "the configuration lacks a suite")
    for receiver in receivers:
        receiver.wait_ready()

    monitor = Monitor(bench.topology, config)
    host = bench.topology.hosts[config.publisher.name]
    publisher = start_publisher(config, host, bench.processes, bench.folder, _SECONDS)
    expect(wait_until(lambda: publisher.exit_code is not None, _MEDIA_DEADLINE_S), "the publisher does not end")
    expect(publisher.exit_code == 0, f"the publisher failed\n{publisher.tail()}")
    monitor.read()
    monitor.require_complete()
    monitor.close()
    wait_until(lambda: all([receiver.idle.poll() for receiver in receivers]), _DECODE_DEADLINE_S)
    appliance.process.require_alive()
    for receiver in receivers:
        check(receiver, monitor.tracks[receiver.leg.track].frames)


if __name__ == "__main__":
    main("gstreamer", test)
