"""The publisher: one ffmpeg with a moving test picture and a tone, sent as SRTP to the appliance."""

from collections.abc import Mapping
from pathlib import Path

from appliance_config import Config, Track
from processes import FFMPEG_END_SIGNALS, DemoError, Process, Processes
from topology import Namespace

VIDEO_PAYLOAD_TYPE = 96
AUDIO_PAYLOAD_TYPE = 97
FRAMES_PER_SECOND = 25
# The RTP packet: leaves room for SRTP's tag and for headers in 1280 bytes, the least MTU of IPv6.
PACKET_BYTES = 1200

# testsrc2 shows a clock and the frame number. A key frame each second, with its parameter sets in the stream:
# a subscriber can join at any time. No B-frames and no look-ahead: each frame leaves as it is made.
_VIDEO = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
          "-g", str(FRAMES_PER_SECOND), "-b:v", "800k", "-maxrate", "800k", "-bufsize", "400k",
          "-x264-params", "repeat-headers=1"]
_AUDIO = ["-c:a", "libopus", "-b:a", "64k"]


def publisher_command(config: Config, seconds: float, sequences: Mapping[int, int] | None = None) -> list[str]:
    """`sequences`: the first sequence number by SSRC, of one that goes on elsewhere: receivers would take smaller
    ones for packets of long ago. At random without. Keys stand on the command line, where every user of the machine
    can read them: this ffmpeg takes them no other way. They are published, or of this run only."""
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info",
               "-re", "-f", "lavfi", "-i", f"testsrc2=size=320x240:rate={FRAMES_PER_SECOND}:duration={seconds}",
               "-re", "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    for track in config.tracks.values():
        command += _output(config, track, (sequences or {}).get(track.ssrc, -1))
    return command


def _output(config: Config, track: Track, sequence: int) -> list[str]:
    transport = config.transports[track.transport]
    crypto = transport.receive  # the appliance's word: what it receives
    if crypto is None:
        raise DemoError(f"{transport.name} carries {track.id} and has no receive keys")
    scheme = "srtp" if crypto.encrypts else "rtp"
    url = (f"{scheme}://{transport.local}?rtcpport={transport.local_rtcp_port}"
           f"&localrtpport={transport.remote.port}&localrtcpport={transport.remote_rtcp_port}"
           f"&pkt_size={PACKET_BYTES}")
    # ffmpeg takes the SSRC as a signed number.
    ssrc = track.ssrc - (1 << 32 if track.ssrc >= 1 << 31 else 0)
    media, payload_type = (["-map", "0:v", *_VIDEO], VIDEO_PAYLOAD_TYPE) if track.is_video else \
                          (["-map", "1:a", *_AUDIO], AUDIO_PAYLOAD_TYPE)
    keys = ["-srtp_out_suite", crypto.suite, "-srtp_out_params", crypto.inline] if crypto.encrypts else []
    return [*media, "-payload_type", str(payload_type), "-ssrc", str(ssrc), "-seq", str(sequence), "-f", "rtp",
            *keys, url]


def start_publisher(config: Config, namespace: Namespace, processes: Processes, folder: Path, seconds: float,
                    sequences: Mapping[int, int] | None = None) -> Process:
    """`sequences`: see publisher_command()."""
    return processes.start("publisher", namespace.command(*publisher_command(config, seconds, sequences)),
                           folder / "publisher.log", end_signals=FFMPEG_END_SIGNALS)
