# SPDX-License-Identifier: Apache-2.0
"""Small charts as SVG texts, readable on light and on dark backgrounds."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 20, 44, 104
# Okabe and Ito's colours, that people with colour-blindness tell apart. They and the ink stand out from white and from black alike:
# few programs that show an SVG as a picture tell it which one lies below.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c00", "#999999")
INK = "#777777"
STYLE = f"""<style>
text {{ font: 13px sans-serif; fill: {INK} }} .title {{ font-size: 15px; font-weight: bold }}
.axis {{ stroke: {INK}; fill: none }} .grid {{ stroke: {INK}; stroke-opacity: 0.3; fill: none }}
</style>"""


def short(value):
    """1500000 as 1.5M."""
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{name}"
    return f"{value:g}"


class Scale:
    """Values to places. Logarithmic scales end at powers of ten, linear ones begin at 0."""

    def __init__(self, values, begin, end, logarithmic):
        self.begin, self.end, self.logarithmic = begin, end, logarithmic
        positive = [value for value in values if value > 0] or [1]
        if logarithmic:
            self.low, self.high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
            self.high = max(self.high, self.low + 1)
            self.ticks = [10.0 ** power for power in range(self.low, self.high + 1)]
        else:
            step = 10.0 ** math.floor(math.log10(max(positive)))
            step = next(step * factor for factor in (0.1, 0.2, 0.25, 0.5, 1, 2) if max(positive) / (step * factor) <= 6)
            self.low, self.high = 0.0, step * math.ceil(max(positive) / step)
            self.ticks = [step * i for i in range(round(self.high / step) + 1)]

    def place(self, value):
        at = math.log10(value) if self.logarithmic else value
        return self.begin + (at - self.low) / (self.high - self.low) * (self.end - self.begin)


def text(x, y, words, anchor="middle", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def frame(title, body, description):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
                      f"<title>{escape(title)}</title><desc>{escape(description)}</desc>", STYLE,
                      text(WIDTH / 2, 24, title, kind="title"), *body, "</svg>"]) + "\n"


def legend(names):
    """Below the chart, up to three a line."""
    out = []
    for i, name in enumerate(names):
        x, y = LEFT + i % 3 * 210, HEIGHT - 40 + i // 3 * 17
        out.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{COLOURS[i % len(COLOURS)]}"/>')
        out.append(text(x + 17, y, name, anchor="start"))
    return out


def axes(x, y, x_name, y_name):
    out = [line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis"), line(LEFT, TOP, LEFT, HEIGHT - BOTTOM, "axis")]
    for tick in y.ticks:
        place = y.place(tick)
        out += [line(LEFT, place, WIDTH - RIGHT, place, "grid"), text(LEFT - 6, place + 4, short(tick), anchor="end")]
    for tick in x.ticks if x else ():
        out += [line(x.place(tick), TOP, x.place(tick), HEIGHT - BOTTOM, "grid"), text(x.place(tick), HEIGHT - BOTTOM + 17, short(tick))]
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 36, x_name))
    out.append(f'<g transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:.1f}) rotate(-90)">{text(0, 0, y_name)}</g>')
    return out


def lines(title, series, x_name, y_name, joined=True, log_y=True):
    """series: {name: [(x, y), ...]}, over logarithmic x."""
    points = [point for each in series.values() for point in each]
    x = Scale([p[0] for p in points], LEFT, WIDTH - RIGHT, True)
    y = Scale([p[1] for p in points], HEIGHT - BOTTOM, TOP, log_y)
    body = axes(x, y, x_name, y_name)
    for i, each in enumerate(series.values()):
        colour = COLOURS[i % len(COLOURS)]
        places = [(x.place(a), y.place(b)) for a, b in sorted(each) if a > 0 and (b > 0 or not log_y)]
        if joined and len(places) > 1:
            body.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                        + " ".join(f"{a:.1f},{b:.1f}" for a, b in places) + '"/>')
        body += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in places]
    return frame(title, body + legend(series), f"{y_name} against {x_name}")


def stacks(title, bars, y_name):
    """bars: {name: {part: value}}, parts upon each other."""
    parts = list(dict.fromkeys(part for bar in bars.values() for part in bar))
    y = Scale([sum(bar.values()) for bar in bars.values()], HEIGHT - BOTTOM, TOP, False)
    body = axes(None, y, "", y_name)
    step = (WIDTH - RIGHT - LEFT) / len(bars)
    for i, (name, bar) in enumerate(bars.items()):
        left, top = LEFT + step * (i + 0.2), 0.0
        for part, value in bar.items():
            height = y.place(top) - y.place(top + value)
            body.append(f'<rect x="{left:.1f}" y="{y.place(top + value):.1f}" width="{step * 0.6:.1f}" height="{height:.1f}" '
                        f'fill="{COLOURS[parts.index(part) % len(COLOURS)]}"><title>{escape(part)}: {value:.2f}</title></rect>')
            top += value
        body.append(text(left + step * 0.3, HEIGHT - BOTTOM + 17, name))
    return frame(title, body + legend(parts), y_name)
