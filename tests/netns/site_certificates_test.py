"""Nodes that know each other by certificates: media flows, a restart brings new keys, and whoever has a certificate of
another CA, or one that has expired, gets no beat and no relay, and everybody's log says why."""

import argparse
import datetime
import subprocess
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from netns import ROOT, Cases, conclude, expect  # first: it makes the demo's modules known

from processes import write_private
from site_incident import FAR, ORIGIN, TRANSIT, Incident, missing, restart

_DAY = datetime.timedelta(days=1)


class Authority:
    """A CA, and what it signs."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self._name, self._key, _DAY, is_authority=True)

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, life: datetime.timedelta,
              is_authority: bool = False) -> x509.Certificate:
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - 2 * _DAY).not_valid_after(now + life))
        if is_authority:
            builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
        else:
            name = subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(str(name))]), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def issue(self, node: str, folder: Path, life: datetime.timedelta = _DAY) -> dict[str, str]:
        """Writes its files; returns the keys of `fleet` that name them."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
        (folder / f"{node}.pem").write_bytes(self._sign(subject, key, life).public_bytes(serialization.Encoding.PEM))
        write_private(folder / f"{node}.key", key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
        return {"certificate_file": str(folder / f"{node}.pem"), "private_key_file": str(folder / f"{node}.key")}


def incident_with(build: Path, folder: Path, ours: Authority, odd: dict[str, object] | None = None,
                  outside: list[str] | None = None) -> Incident:
    """All nodes with certificates of `ours`; `odd`: what TRANSIT has in its place."""
    incident = Incident(build, folder, outside=outside or [])
    (folder / "ca.pem").write_bytes(ours.certificate.public_bytes(serialization.Encoding.PEM))
    for site in incident.sites.sites.values():
        fleet = {key: value for key, value in site.document()["fleet"].items() if key != "key_file"}
        files = odd if odd and site.name == TRANSIT else ours.issue(site.node, folder)
        site.more["fleet"] = fleet | files | {"ca_file": str(folder / "ca.pem")}
    return incident


def good(build: Path, folder: Path) -> None:
    with incident_with(build, folder, Authority("fleet CA")) as incident:
        keyed = incident.journal(0, ["pair_keyed"])
        expect(len(keyed) >= 6, f"{len(keyed)} of 6 ends say that they have a key")
        restart(incident.site(TRANSIT))
        incident.site(TRANSIT).wait_ready()
        seconds = incident.subscribers[TRANSIT].first_after(time.monotonic(), 5)
        print(f"   media {seconds * 1000:.0f} ms after {TRANSIT} is ready again, with new keys")
        expect(len(incident.journal(0, ["pair_keyed"])) >= len(keyed) + 4, "a restart brings no new keys")


def refused(build: Path, folder: Path, odd: dict[str, object], ours: Authority, why: str) -> None:
    with incident_with(build, folder, ours, odd, [TRANSIT]) as incident:
        begin = incident.begin()
        time.sleep(4)
        end = time.monotonic()
        expect(not incident.subscribers[TRANSIT].arrivals, "it gets media")
        expect(not incident.journal(0, ["link_up", "relay_up"], [TRANSIT]), "it has a peer")
        for name in (ORIGIN, FAR):
            said = [str(entry) for entry in incident.journal(0, ["pair_refused"], [name])]
            expect(any(why in line for line in said), f"{name} does not say that it {why}: {said}")
        print(f"   {said[0]}")
        own = [line for line in incident.site(TRANSIT).journal() if "the other nodes will refuse this one" in line]
        expect(len(own) == 1, f"it says {len(own)} times that it will be refused")
        expect(missing(incident.subscribers[FAR], begin, end) == 0, "the others lose media")
        config = str(incident.site(TRANSIT).folder / "causeway.yaml")
        checked = subprocess.run([str(build / "causeway"), "check", "-c", config], capture_output=True, text=True)
        expect(checked.returncode == 2 and why in checked.stderr, f"causeway check does not say it: {checked}")


def test(build: Path, folder: Path) -> None:
    cases = Cases()
    ours, other = Authority("fleet CA"), Authority("another CA")
    odd = folder / "odd"
    odd.mkdir()
    cases.run("certificates", lambda: good(build, folder / "good"))
    cases.run("another CA", lambda: refused(build, folder / "foreign", other.issue(f"{TRANSIT}-1", odd), ours,
                                            "is not from the fleet's CA"))
    cases.run("expired", lambda: refused(build, folder / "expired", ours.issue(f"{TRANSIT}-1", odd, -_DAY), ours,
                                         "expired"))
    cases.conclude()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    built = parser.parse_args().build.resolve()
    conclude("site_certificates", lambda folder, _: test(built, folder))
