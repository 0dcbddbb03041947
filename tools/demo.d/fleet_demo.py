"""Several sites with an appliance each: media between them, an incident, and what it cost."""

import shutil
import time
from contextlib import ExitStack

from arrivals import Arrivals
from fleet_sites import DemoSites
from fleet_view import FleetView
from incident import ORIGIN, Incident
from options import Options
from processes import Interrupted, Processes

_TIDY_S = 5  # of the whole run's time, for what comes behind the incident
_PICTURE_CONTRAST = 100


class FleetDemo:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._processes = Processes()

    def run(self) -> int:
        options = self._options
        end = time.time() + options.seconds - _TIDY_S
        options.out.mkdir(parents=True, exist_ok=True)
        folder = options.out / "sites"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with ExitStack() as last_made_first_gone:
            sites = DemoSites(options.build, options.config, options.sites, options.out, folder, self._processes)
            last_made_first_gone.callback(sites.remove)
            last_made_first_gone.callback(self._processes.end_all)
            print(f"{len(sites.names)} sites start: {', '.join(sites.names)}", flush=True)
            sites.start()
            arrivals = Arrivals(sites)
            last_made_first_gone.callback(arrivals.close)
            for site in sites.all():
                site.start_subscriber()
            for site in sites.all():
                site.wait_for_subscriber()
            sites[ORIGIN].start_publisher()
            view = FleetView(sites, arrivals)
            incident = Incident(sites, arrivals, view, end)
            incident.run()
            return self._conclude(sites, arrivals, view, incident)

    def _conclude(self, sites: DemoSites, arrivals: Arrivals, view: FleetView, incident: Incident) -> int:
        arrivals.require_complete()
        drains, drops = view.drains(), {site.name: site.drops() for site in sites.all()}
        late = sites.wan.stats()["late_us"]["worst"] / 1000
        decoded = {site.name: site.end_subscriber() for site in sites.all()}
        is_good = drains == 0 and all(recovery.is_good for recovery in incident.recoveries)
        view.say("")
        for recovery in incident.recoveries:
            print(recovery)
        for name, result in decoded.items():
            is_seen = result.frames > 0 and result.picture_contrast > _PICTURE_CONTRAST
            is_good = is_good and is_seen
            dropped = ", ".join(f"{reason} {count}" for reason, count in sorted(drops[name].items())) or "none"
            print(f"{name}: {result.frames} frames decoded{'' if is_seen else ', NOTHING SEEN'}, {result.picture}; "
                  f"packets dropped: {dropped}")
        print(f"the WAN itself was late by {late:.0f} ms at most; logs: {self._options.out}")
        if self._options.keep:
            self._wait_for_ctrl_c(sites)
        worst = max(recovery.seconds for recovery in incident.recoveries)
        print(f"demo: {len(sites.names)} sites, {view.peak_legs} legs, {drains} drains, "
              f"worst recovery {worst:.2f} s", flush=True)
        return 0 if is_good else 1

    def _wait_for_ctrl_c(self, sites: DemoSites) -> None:
        namespaces = " ".join(site.namespace.name for site in sites.all())
        print(f"kept until Ctrl-C: 'ip netns exec NAMESPACE bash' in {namespaces}", flush=True)
        try:
            while True:
                time.sleep(1)
        except Interrupted:
            return

