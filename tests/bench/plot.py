#!/usr/bin/python3
#!/usr/bin/python3
"""Draws docs/performance.svg from the JSON of causeway-bench: bars for the fan-out's parts, lines for its curves."""

import argparse
import json
import math
from pathlib import Path

SUITES = {"gcm128": "AEAD_AES_128_GCM", "cm128_sha1_80": "AES_CM_128_HMAC_SHA1_80"}
COLOURS = {"raw": "#9aa5b1", "seal": "#4c8dae", "pipeline": "#1f4e79", "gcm128": "#1f4e79", "cm128_sha1_80": "#c05621"}
CURVES = {
    "legs": "legs of one track",
    "tracks": "tracks of one leg",
    "transports": "transports, 64 legs for each track",
}
WIDTH, PANEL_WIDTH, PANEL_HEIGHT = 900, 360, 200


class Svg:
    def __init__(self, height: int) -> None:
        self.height = height
        self.parts: list[str] = []

    def text(self, x: float, y: float, text: str, anchor: str = "start", size: int = 12, bold: bool = False) -> None:
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight}>{text}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = "#cccccc") -> None:
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>')

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>')

    def path(self, points: list[tuple[float, float]], colour: str) -> None:
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"/>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]

    def document(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.height}" '
            f'font-family="sans-serif" fill="#222222">\n<rect width="100%" height="100%" fill="white"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )


def round_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def axis(svg: Svg, left: float, top: float, highest: float) -> None:
    for i in range(5):
        y = top + PANEL_HEIGHT * (1 - i / 4)
        svg.line(left, y, left + PANEL_WIDTH, y)
        svg.text(left - 6, y + 4, f"{highest * i / 4:g}", "end", 11)


def bars(svg: Svg, figures: dict[str, float], left: float, top: float, size: int) -> None:
    svg.text(left, top - 12, f"ns per output, 64 legs, {size} bytes", bold=True)
    values = {(suite, what): figures.get(f"{what}/{suite}/{size}/64", 0) for suite in SUITES for what in ("raw", "seal", "pipeline")}
    highest = round_up(max(values.values()) or 1)
    axis(svg, left, top, highest)
    for i, (suite, name) in enumerate(SUITES.items()):
        begin = left + 20 + i * PANEL_WIDTH / 2
        for k, what in enumerate(("raw", "seal", "pipeline")):
            value = values[suite, what]
            height = PANEL_HEIGHT * value / highest
            svg.box(begin + k * 46, top + PANEL_HEIGHT - height, 40, height, COLOURS[what])
            svg.text(begin + k * 46 + 20, top + PANEL_HEIGHT - height - 4, f"{value:.0f}", "middle", 11)
            svg.text(begin + k * 46 + 20, top + PANEL_HEIGHT + 14, what, "middle", 10)
        svg.text(begin + 69, top + PANEL_HEIGHT + 28, name, "middle", 11)


def curve(svg: Svg, figures: dict[str, float], left: float, top: float, name: str, label: str) -> None:
    svg.text(left, top - 12, f"ns per output, 1200 bytes, by {label}", bold=True)
    lines = {}
    for suite in SUITES:
        prefix = f"curve/{name}/{suite}/1200/"
        lines[suite] = sorted((int(key[len(prefix) :]), value) for key, value in figures.items() if key.startswith(prefix))
    points = [point for line in lines.values() for point in line]
    if not points:
        return
    highest = round_up(max(value for _, value in points))
    axis(svg, left, top, highest)
    low, high = math.log10(min(n for n, _ in points)), math.log10(max(n for n, _ in points))
    scale = PANEL_WIDTH / max(high - low, 1e-9)
    for n in sorted({n for n, _ in points}):
        svg.text(left + (math.log10(n) - low) * scale, top + PANEL_HEIGHT + 14, str(n), "middle", 9)
    for suite, line in lines.items():
        svg.path(
            [(left + (math.log10(n) - low) * scale, top + PANEL_HEIGHT * (1 - v / highest)) for n, v in line],
            COLOURS[suite],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("json", type=Path, help="what causeway-bench --json wrote")
    parser.add_argument("svg", type=Path, nargs="?", default=Path("docs/performance.svg"))
    arguments = parser.parse_args()
    report = json.loads(arguments.json.read_text())
    figures = report["figures"]
    svg = Svg(960)
    machine = report["machine"]
    svg.text(60, 28, f"causeway-bench on {machine['cpu']}, {machine['dpdk']}, IPsec-MB {machine['ipsec_mb']}", size=14, bold=True)
    for i, size in enumerate((160, 1200)):
        bars(svg, figures, 60 + i * 430, 80, size)
    for i, (name, label) in enumerate(CURVES.items()):
        curve(svg, figures, 60 + i % 2 * 430, 390 + i // 2 * 290, name, label)
    for i, (suite, name) in enumerate(SUITES.items()):
        svg.box(510, 700 + i * 24, 14, 14, COLOURS[suite])
        svg.text(532, 712 + i * 24, name)
    arguments.svg.write_text(svg.document())


if __name__ == "__main__":
    main()
