"""hook.py PROGRAM SCRAPS COMMANDS: microseconds from Return on `:` to the next prompt, plain and recorded (p50)."""
import fcntl
import json
import os
import pty
import shutil
import statistics
import struct
import subprocess
import sys
import termios
import time

program, scraps, commands = sys.argv[1], sys.argv[2], int(sys.argv[3])
PROMPT = b"ready>"


def prepare(shell, home):
    """Settings that both the plain and the recorded shell read."""
    if shell == "bash":
        with open(os.path.join(home, ".bashrc"), "w") as file:
            file.write("PS1='ready>'\nunset PROMPT_COMMAND\nbind 'set enable-bracketed-paste off'\n")
        return ["bash", "-i"]
    with open(os.path.join(home, ".zshrc"), "w") as file:
        file.write("PS1='ready>'\nunsetopt zle prompt_sp\n")
    return ["zsh", "-d", "-i"]


def measure(argv, environment):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(environment["HOME"])
        os.execvp(argv[0], argv)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))

    def to_prompt():
        seen = b""
        while PROMPT not in seen:
            seen += os.read(terminal, 65536)

    to_prompt()
    time.sleep(0.7)
    times = []
    for _ in range(commands):
        begin = time.perf_counter()
        os.write(terminal, b":\r")
        to_prompt()
        times.append((time.perf_counter() - begin) * 1e6)
        time.sleep(0.002)
    os.write(terminal, b"exit\r")
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(terminal)
    return statistics.median(times)


figures = {}
for shell in ("bash", "zsh"):
    if not shutil.which(shell):
        continue
    home = os.path.join(scraps, f"hook-{shell}")
    run = os.path.join(home, "run")
    os.makedirs(run, mode=0o700, exist_ok=True)
    argv = prepare(shell, home)
    environment = {
        "HOME": home, "PATH": os.environ["PATH"], "TERM": "xterm-256color", "SHELL": shutil.which(shell),
        "LC_ALL": "C.UTF-8", "USER": "bench", "PLAYHEAD_HOME": os.path.join(home, "archive"), "XDG_RUNTIME_DIR": run,
        "PLAYHEAD_AGENT_IDLE": "2",
    }
    figures[f"plain_{shell}"] = measure(argv, environment)
    figures[f"playhead_{shell}"] = measure([program, "rec", "-q", "--new"], environment)
    subprocess.run([program, "agent", "--stop"], env=environment, capture_output=True)
print(json.dumps(figures))
