"""A subscriber: an ffmpeg that decodes everything it gets, and leaves a picture and figures behind."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from appliance_config import Config, Endpoint, Host, Leg, Transport
from processes import FFMPEG_END_SIGNALS, DemoError, IdleWatch, Process, Processes, write_private
from publisher import AUDIO_PAYLOAD_TYPE, VIDEO_PAYLOAD_TYPE
from topology import Namespace

START_DEADLINE_S = 20
# What ffmpeg itself can open. For the other suites srtp-unwrap stands before it.
_FFMPEG_SUITES = ("none", "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
_UNWRAPPED_PORT_OFFSET = 10000
_SILENCE_DB = -40.0  # the tone has -21 dB
_AUDIO_TOLERANCE_S = 0.1  # the encoder's look-ahead, and a last packet that is cut short


@dataclass
class Decoded:
    """What came out of a subscriber's decoders."""

    frames: int
    picture: Path
    picture_contrast: int  # brightest minus darkest luminance, 0..255
    audio_seconds: float
    audio_db: float
    errors: int  # lines in which a decoder complains

    def video_is_good(self, frames_published: int) -> bool:
        return 0 < frames_published <= self.frames and self.errors == 0 and self.picture_contrast > 100

    def audio_is_good(self, seconds_published: float) -> bool:
        return (0 < seconds_published <= self.audio_seconds + _AUDIO_TOLERANCE_S and self.errors == 0
                and self.audio_db > _SILENCE_DB)


class Subscriber:
    def __init__(self, config: Config, host: Host, namespace: Namespace, processes: Processes, folder: Path,
                 srtp_unwrap: Path, has_gaps: bool = False) -> None:
        """`has_gaps`: media will stop and go on, with other time stamps; then the decoder's clock is the host's."""
        self._clock = ["-use_wallclock_as_timestamps", "1"] if has_gaps else []
        self.host = host
        self.legs = config.legs_of(host)
        self.picture = folder / f"{host.name}.png"
        self._config = config
        self._folder = folder
        self._namespace = namespace
        for left_from_last_run in (self.picture, self._progress_file):
            left_from_last_run.unlink(missing_ok=True)
        self._unwraps: list[tuple[Process, Path]] = []
        media = [self._media(config.transports[leg.transport], leg, processes, srtp_unwrap) for leg in self.legs]
        sdp = folder / f"{host.name}.sdp"
        write_private(sdp, sdp_text(media))
        self._ports = {endpoint.port for endpoint, _lines in media}
        self._process = processes.start(host.name, self._namespace.command(*self._command(sdp)),
                                        folder / f"{host.name}.log", end_signals=FFMPEG_END_SIGNALS)
        self._idle = IdleWatch(self._process, self.frames_so_far)

    def wait_ready(self) -> None:
        for process, _output in self._unwraps:
            process.require_alive()
        wanted = self._ports | {self._config.transports[leg.transport].remote.port for leg in self.legs}
        self._process.wait_for(f"does not listen on UDP {sorted(wanted)}",
                               lambda: wanted <= self._process.udp_ports(), START_DEADLINE_S)

    def is_idle(self) -> bool:
        """Has everything that arrived been read and decoded? Meant to be polled."""
        return self._idle.poll()

    def frames_so_far(self) -> int:
        progress = self._progress_file.read_text() if self._progress_file.exists() else ""
        found = re.findall(r"^frame=(\d+)", progress, re.MULTILINE)
        return int(found[-1]) if found else 0

    def end(self) -> Decoded:
        """Lets the decoders finish, and reads what they made of it."""
        self._process.end(deadline_s=10)
        Path(f"{self.picture}.tmp").unlink(missing_ok=True)  # ffmpeg was about to renew the picture
        log = (self._folder / f"{self.host.name}.log").read_text(errors="replace")
        errors = re.findall(r"error while decoding|concealing|corrupt|missed \d+ packets|HMAC mismatch", log)
        failed = sum(self._unwrap_failures(process, output) for process, output in self._unwraps)
        samples = re.search(r"n_samples: (\d+)", log)
        volume = re.search(r"mean_volume: (-?[\d.]+) dB", log)
        rate, channels = 48000, 2  # of Opus, always (RFC 7587, 7)
        frames = re.findall(r"^frame=\s*(\d+)", log.replace("\r", "\n"), re.MULTILINE)
        return Decoded(int(frames[-1]) if frames else 0, self.picture, picture_contrast(self.picture),
                       int(samples[1]) / rate / channels if samples else 0.0,
                       float(volume[1]) if volume else float("-inf"), len(errors) + failed)

    @property
    def _progress_file(self) -> Path:
        return self._folder / f"{self.host.name}.progress"

    def _media(self, transport: Transport, leg: Leg, processes: Processes,
               srtp_unwrap: Path) -> tuple[Endpoint, list[str]]:
        """Where ffmpeg listens for this leg, and its lines in the SDP file."""
        crypto = transport.send  # the appliance's word: what it sends
        if crypto is None:
            raise DemoError(f"{transport.name} has no send keys")
        endpoint, native = transport.remote, crypto.suite in _FFMPEG_SUITES
        if not native:
            endpoint = Endpoint("127.0.0.1", transport.remote.port + _UNWRAPPED_PORT_OFFSET)
            name = f"{self.host.name}-{'video' if leg.is_video else 'audio'}"
            self._start_unwrap(name, transport, endpoint, processes, srtp_unwrap)
        lines = media_lines(leg, endpoint, leg.is_video,
                            f"{crypto.suite} inline:{crypto.inline}" if native and crypto.encrypts else None)
        return endpoint, lines

    def _start_unwrap(self, name: str, transport: Transport, to: Endpoint, processes: Processes,
                      program: Path) -> None:
        key_file = self._folder / f"{name}.key"
        output = self._folder / f"{name}.unwrap.json"
        write_private(key_file, transport.send.hex)
        command = [str(program), "--listen", str(transport.remote), "--suite", transport.send.suite,
                   "--key-file", str(key_file), "--forward", str(to)]
        log = self._folder / f"{name}.unwrap.log"
        self._unwraps.append((processes.start(f"{name} srtp-unwrap", self._namespace.command(*command),
                                              log, output), output))

    def _unwrap_failures(self, process: Process, output: Path) -> int:
        process.end()
        return int(json.loads(output.read_text())["failed"])

    def _command(self, sdp: Path) -> list[str]:
        """Three outputs: all frames decoded and counted; the last picture, renewed each second; the tone. One
        decoder thread: more would hold back frames."""
        return ["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info",
                "-protocol_whitelist", "file,udp,rtp,srtp,crypto", "-threads", "1", *self._clock,
                "-i", str(sdp),
                "-map", "0:v", "-fps_mode", "passthrough", "-f", "null", "-",
                "-map", "0:v", "-r", "1", "-update", "1", "-atomic_writing", "1", "-y", str(self.picture),
                "-map", "0:a", "-af", "volumedetect", "-f", "null", "-",
                "-progress", str(self._progress_file), "-stats_period", "0.2"]


def media_lines(leg: Leg, endpoint: Endpoint, is_video: bool, crypto: str | None) -> list[str]:
    published = VIDEO_PAYLOAD_TYPE if is_video else AUDIO_PAYLOAD_TYPE
    payload_type = leg.payload_types.get(published, published)
    kind, encoding = ("video", "H264/90000") if is_video else ("audio", "opus/48000/2")
    family = "IP6" if endpoint.is_v6 else "IP4"
    lines = [f"m={kind} {endpoint.port} RTP/{'SAVP' if crypto else 'AVP'} {payload_type}",
             f"c=IN {family} {endpoint.address}",
             f"a=rtpmap:{payload_type} {encoding}"]
    if is_video:
        lines.append(f"a=fmtp:{payload_type} packetization-mode=1")
    if crypto:
        lines.append(f"a=crypto:1 {crypto}")
    return lines


def sdp_text(media: list[tuple[Endpoint, list[str]]]) -> str:
    lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=causeway demo", "t=0 0"]
    return "\n".join(lines + [line for _endpoint, each in media for line in each]) + "\n"


def picture_contrast(picture: Path) -> int:
    """0 for a picture that is missing, black or of one colour."""
    if not picture.exists():
        return 0
    grey = subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(picture),
                           "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True).stdout
    return max(grey) - min(grey) if grey else 0
