"""recorder.py FILE PROGRAM SCRAPS RUNS: terminal recorders beside each other, each in a drained pty of 45x160.

Prints for none, script, asciinema and playhead: CPU seconds of `cat FILE` (median), in how many runs all bytes came
out, and the median microseconds from a keystroke to its echo by `cat`.
"""
import fcntl
import json
import os
import pty
import resource
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time

source, program, scraps, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
with open(source, "rb") as file:
    content = file.read()


def command(name, line, out):
    return {
        "none": ["sh", "-c", line],
        "script": ["script", "-qefc", line, out],
        "asciinema": ["asciinema", "rec", "-q", "--overwrite", "-c", line, out],
        "playhead": [program, "rec", "-q", "--new", "--output-limit", "off", "-c", line],
    }[name]


def start(argv, home):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(PLAYHEAD_HOME=home, XDG_RUNTIME_DIR=home, ASCIINEMA_CONFIG_HOME=home, TERM="xterm-256color")
        os.execvp(argv[0], argv)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))
    return pid, terminal


def drain(terminal):
    parts = []
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:
            return b"".join(parts)
        if not part:
            return b"".join(parts)
        parts.append(part)


def flood(name, home):
    line = f"stty -opost; cat {source}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid, terminal = start(command(name, line, os.path.join(home, "out")), home)
    output = drain(terminal)
    os.waitpid(pid, 0)
    os.close(terminal)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, output.replace(b"\r\n", b"\n").count(content.replace(b"\r\n", b"\n")) == 1


def end(pid):
    """A recorder whose terminal is gone; script(1) waits for its program all the same."""
    for _ in range(100):
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def echo(name, home):
    line = "stty raw -echo; printf ready; exec cat"
    pid, terminal = start(command(name, line, os.path.join(home, "out")), home)
    seen = b""
    while b"ready" not in seen:
        seen += os.read(terminal, 4096)
    time.sleep(0.3)
    times = []
    for number in range(400):
        key = bytes([97 + number % 26])
        begin = time.perf_counter()
        os.write(terminal, key)
        while key not in os.read(terminal, 4096):
            pass
        times.append((time.perf_counter() - begin) * 1e6)
        time.sleep(0.003)
    os.close(terminal)
    end(pid)
    return statistics.median(times)


figures = {}
for name in ("none", "script", "asciinema", "playhead"):
    home = os.path.join(scraps, f"home-{name}")
    os.makedirs(home, exist_ok=True)
    results = [flood(name, home) for _ in range(runs)]
    figures[f"{name}_cpu"] = statistics.median(cpu for cpu, _ in results)
    figures[f"{name}_exact"] = sum(exact for _, exact in results)
    figures[f"{name}_echo"] = echo(name, home)
    if name == "playhead":
        place = dict(os.environ, PLAYHEAD_HOME=home, XDG_RUNTIME_DIR=home)
        subprocess.run([program, "agent", "--stop"], env=place, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)
print(json.dumps(figures))
