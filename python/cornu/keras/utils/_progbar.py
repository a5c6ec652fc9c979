"""A progress bar for loops of one's own. fit has its own, written by the library."""
import math
import sys
import time

_interactive = True


def enable_interactive_logging():
    """Progress and messages go to standard output."""
    global _interactive
    _interactive = True


def disable_interactive_logging():
    """Progbar writes nothing but its last line."""
    global _interactive
    _interactive = False


def is_interactive_logging_enabled():
    return _interactive


class Progbar:
    """`update(step, [(name, value)])` as steps are done. Values are averaged over the steps, but those of `stateful_metrics`. On a
    terminal the line is drawn anew; elsewhere there is one line, at the end, without control codes."""

    def __init__(self, target, width=20, verbose=1, interval=0.05, stateful_metrics=None, stateless_metrics=None, unit_name="step"):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("Progbar: give stateful_metrics or stateless_metrics, not both")
        self.target, self.width, self.verbose, self.interval, self.unit_name = target, width, verbose, interval, unit_name
        self._stateful = None if stateless_metrics is not None else set(stateful_metrics or ())
        self._stateless = set(stateless_metrics or ())
        self._values = {}
        self._seen = 0
        self._start = time.time()
        self._drawn = 0.0

    def update(self, current, values=None, finalize=None):
        """Sets the bar to `current` steps. `finalize`: whether it is the last time; by default when the target is reached."""
        finalize = self.target is not None and current >= self.target if finalize is None else finalize
        for name, value in values or ():
            average = name in self._stateless if self._stateful is None else name not in self._stateful
            total, count = self._values.get(name, (0.0, 0)) if average and not finalize else (0.0, 0)
            steps = max(current - self._seen, 1) if average and not finalize else 1
            self._values[name] = (total + float(value) * steps, count + steps)
        self._seen = current
        now = time.time()
        live = _interactive and sys.stdout.isatty()
        if not self.verbose or not (finalize or (self.verbose == 1 and live and now - self._drawn >= self.interval)):
            return
        self._drawn = now
        end = "\n" if finalize else ""
        sys.stdout.write(("\r" if live and self.verbose == 1 else "") + self._line(current, now, finalize) + ("\x1b[K" if live else "") + end)
        sys.stdout.flush()

    def add(self, n, values=None):
        """`n` more steps are done."""
        self.update(self._seen + n, values)

    def _line(self, current, now, finalize):
        each = (now - self._start) / max(current, 1)
        if self.target:
            digits = int(math.log10(self.target)) + 1
            line = f"{current:{digits}d}/{self.target}"
            done = min(self.width, int(self.width * current / self.target))
            if self.verbose == 1:
                line += " " + "━" * done + "─" * (self.width - done)
        else:
            line = f"{current}/Unknown"
        seconds = now - self._start if finalize or not self.target else each * (self.target - current)
        line += f" {seconds:.0f}s"
        line += f" {each:.0f}s/" if each >= 1 else f" {each * 1e3:.0f}ms/" if each >= 1e-3 else f" {each * 1e6:.0f}us/"
        line += self.unit_name
        for name, (total, count) in self._values.items():
            mean = total / max(count, 1)
            line += f" - {name}: {mean:.4f}" if abs(mean) > 1e-3 else f" - {name}: {mean:.4e}"
        return line
