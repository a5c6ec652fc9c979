"""Curves on two logarithmic scales as SVG text, with nothing but the standard library."""
import html
import math

COLOURS = {"cornu": "#c0392b", "keras": "#2471a3", "torch": "#d68910", "jax": "#1e8449"}
WIDTH, HEIGHT, LEFT, RIGHT, TOP = 760, 460, 72, 190, 40


class Curve:
    def __init__(self, title, points, colour, dashed=False):
        self.title, self.points, self.colour, self.dashed = title, points, COLOURS.get(colour, "#555555"), dashed


def ticks(low, high):
    """Powers of ten around [low, high]; where there are few of them, twice and five times these too."""
    decades = [10.0 ** k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    if len(decades) > 4:
        return decades
    return [m * d for d in decades for m in (1, 2, 5)]


def number(v):
    if v >= 1e6:
        return f"{v / 1e6:g}M"
    return f"{v / 1e3:g}k" if v >= 1e4 else f"{v:g}"


def svg(title, x_label, y_label, curves, notes=()):
    """A plot; `notes` stand below it."""
    xs, ys = [x for c in curves for x, _ in c.points], [y for c in curves for _, y in c.points]
    x_low, x_high = min(xs), max(max(xs), min(xs) * 2)
    y_low, y_high = min(ys) / 1.3, max(ys) * 1.3
    bottom, right = HEIGHT - 52, WIDTH - RIGHT
    height = HEIGHT + 15 * len(notes)

    def at_x(x):
        return LEFT + (right - LEFT) * math.log(x / x_low) / math.log(x_high / x_low)

    def at_y(y):
        return bottom - (bottom - TOP) * math.log(y / y_low) / math.log(y_high / y_low)

    def words(x, y, what, anchor="start", size=12, turned=False):
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{turn}>{html.escape(what)}</text>'

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="sans-serif">',
           f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', words(LEFT, 22, title, size=14)]
    for y in ticks(y_low, y_high):
        if y_low <= y <= y_high:
            out.append(f'<line x1="{LEFT}" x2="{right}" y1="{at_y(y):.1f}" y2="{at_y(y):.1f}" stroke="#e4e4e4"/>')
            out.append(words(LEFT - 6, at_y(y) + 4, number(y), "end", 11))
    for x in sorted(set(xs)):
        out.append(f'<line x1="{at_x(x):.1f}" x2="{at_x(x):.1f}" y1="{TOP}" y2="{bottom}" stroke="#f0f0f0"/>')
    used = -100.0
    for x in sorted(set(xs)):
        if at_x(x) - used > 38:
            out.append(words(at_x(x), bottom + 16, number(x), "middle", 11))
            used = at_x(x)
    out.append(f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}" fill="none" stroke="#888888"/>')
    out.append(words((LEFT + right) / 2, bottom + 36, x_label, "middle"))
    out.append(words(16, (TOP + bottom) / 2, y_label, "middle", turned=True))
    for i, c in enumerate(curves):
        dash = ' stroke-dasharray="5 4"' if c.dashed else ""
        places = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in c.points)
        out.append(f'<polyline points="{places}" fill="none" stroke="{c.colour}" stroke-width="2"{dash}/>')
        out += [f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="2.6" fill="{c.colour}"/>' for x, y in c.points]
        y = TOP + 12 + 20 * i
        out.append(f'<line x1="{right + 14}" x2="{right + 44}" y1="{y - 4}" y2="{y - 4}" stroke="{c.colour}" stroke-width="2"{dash}/>')
        out.append(words(right + 50, y, c.title))
    out += [words(LEFT, HEIGHT + 15 * i, note, size=11) for i, note in enumerate(notes)]
    return "\n".join(out) + "\n</svg>\n"
