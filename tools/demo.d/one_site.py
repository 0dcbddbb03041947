"""One appliance, one publisher, three subscribers: started, watched on the wire, checked, tidied up."""

import time
from contextlib import ExitStack

from appliance import Appliance
from appliance_config import Config
from monitor import Monitor
from options import Options
from processes import DemoError, Interrupted, Process, Processes
from publisher import start_publisher
from subscribers import Decoded, Subscriber
from table import LiveTable, describe_drops, summary
from topology import Topology

PREFIX = "cw-demo"
_OPUS_PACKET_S = 0.02
_PUBLISHER_MARGIN_S = 20  # beyond the media's length: encoder start-up on a busy machine
_DRAIN_DEADLINE_S = 3
_DECODE_DEADLINE_S = 10


class OneSite:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._config = Config(options.config)
        self._processes = Processes()

    def run(self) -> int:
        options, config = self._options, self._config
        options.out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as last_made_first_gone:
            topology = Topology(PREFIX, config.port_interface, config.host_addresses())
            last_made_first_gone.callback(topology.remove)
            monitor = Monitor(topology, config)
            last_made_first_gone.callback(monitor.close)
            last_made_first_gone.callback(self._processes.end_all)
            appliance = Appliance(options.build, config, topology.appliance, options.out, self._processes)
            last_made_first_gone.callback(appliance.end)
            print("waiting for the appliance: telemetry, ping over IPv4 and IPv6", flush=True)
            appliance.wait_ready(topology, config)
            subscribers = self._start_subscribers(topology)
            publisher = start_publisher(config, topology.hosts[config.publisher.name], self._processes, options.out,
                                        options.seconds)
            self._watch(monitor, appliance, publisher)
            return self._conclude(monitor, appliance, subscribers, topology)

    def _start_subscribers(self, topology: Topology) -> list[Subscriber]:
        unwrap = self._options.build / "tests/support/srtp-unwrap"
        subscribers = [Subscriber(self._config, host, topology.hosts[host.name], self._processes, self._options.out,
                                  unwrap)
                       for host in self._config.subscribers]
        for subscriber in subscribers:
            subscriber.wait_ready()
        return subscribers

    def _watch(self, monitor: Monitor, appliance: Appliance, publisher: Process) -> None:
        """Until the publisher has sent everything and what was in flight has arrived."""
        table = LiveTable(monitor.legs)
        start = time.monotonic()
        while publisher.exit_code is None:
            monitor.run_for(1)
            appliance.process.require_alive()
            table.draw(time.monotonic() - start, appliance.drops())
            if time.monotonic() - start > self._options.seconds + _PUBLISHER_MARGIN_S:
                raise DemoError(f"the publisher does not end\n{publisher.tail()}")
        if publisher.exit_code != 0:
            raise DemoError(f"the publisher failed with exit code {publisher.exit_code}\n{publisher.tail()}")
        monitor.read()
        end = time.monotonic() + _DRAIN_DEADLINE_S
        while monitor.in_flight and time.monotonic() < end:
            monitor.run_for(0.05)

    def _conclude(self, monitor: Monitor, appliance: Appliance, subscribers: list[Subscriber],
                  topology: Topology) -> int:
        monitor.require_complete()
        drops = appliance.drops()
        end = time.monotonic() + _DECODE_DEADLINE_S
        while not all([each.is_idle() for each in subscribers]) and time.monotonic() < end:
            monitor.run_for(0.05)
        results = {subscriber.host.name: subscriber.end() for subscriber in subscribers}
        good, described = self._judge(monitor, subscribers, results)

        print("\n" + summary(monitor.legs, self._options.seconds, described))
        print("drops in the appliance: " + describe_drops(drops))
        print("pictures: " + " ".join(str(result.picture) for result in results.values()))
        print(f"logs: {self._options.out}")
        if self._options.keep:
            self._wait_for_ctrl_c(topology)
        lost = sum(meter.lost for meter in monitor.legs)
        print(f"demo: {len(monitor.legs)} legs, {lost} lost, {good} decoded", flush=True)
        return 0 if lost == 0 and good == len(monitor.legs) else 1

    def _judge(self, monitor: Monitor, subscribers: list[Subscriber],
               results: dict[str, Decoded]) -> tuple[int, dict[str, str]]:
        """How many legs were decoded, and per leg what of it."""
        good, described = 0, {}
        meters = {meter.leg.name: meter for meter in monitor.legs}
        for subscriber in subscribers:
            result = results[subscriber.host.name]
            for leg in subscriber.legs:
                published = meters[leg.name].published.frames
                if self._config.tracks[leg.track].is_video:
                    is_good = result.video_is_good(published)
                    text = f"{result.frames} of {published} frames"
                else:
                    seconds = published * _OPUS_PACKET_S
                    is_good = result.audio_is_good(seconds)
                    text = f"{result.audio_seconds:.2f} of {seconds:.2f} s, {result.audio_db:.0f} dB"
                if result.errors:
                    text += f", {result.errors} decoding errors"
                good += is_good
                described[leg.name] = text if is_good else f"FAILED: {text}"
        return good, described

    def _wait_for_ctrl_c(self, topology: Topology) -> None:
        print(f"kept until Ctrl-C: try 'ip netns exec {topology.appliance.name} bash'", flush=True)
        try:
            while True:
                time.sleep(1)
        except Interrupted:
            return
