#!/usr/bin/env python3
"""Random operations in a real Neovim with the plugin; what the plugin tells is mirrored and compared at every check.

usage: nvim_fuzz.py [--rounds N] [--seed S] [--runs R] [--nvim PROGRAM]      exit 0: every check and final text was equal
"""
import argparse, base64, json, os, pathlib, subprocess, sys, tempfile, time

here = pathlib.Path(__file__).resolve().parent
runtime = here.parents[2] / "Integrations/nvim"
files = {
    "plain.py": "def f(x):\n    return x\n\nprint(f(2))\n",
    "uni.txt": "été 🎉 e\u0301\u0327\n日本語 👩‍💻\n\nﷺ ende",
    "dos.txt": "eins\r\nzwei é\r\n🎉 drei\r\n",
    "latin.txt": b"caf\xe9\nna\xefve\n",
    "empty.txt": "",
}


def run(nvim, rounds, seed):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, text in files.items():
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        result = folder / "mirror.json"
        environment = dict(
            os.environ, PLAYHEAD_BIN=str(here / "mirror.py"), PLAYHEAD_MIRROR=str(result), PLAYHEAD_PLUGIN=str(runtime / "plugin/playhead.lua"),
            PLAYHEAD_FILES="\n".join(str(folder / name) for name in files), PLAYHEAD_ROUNDS=str(rounds),
            PLAYHEAD_SEED=str(seed))
        done = subprocess.run(
            [nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "--cmd", f"set rtp^={runtime}", "-S", str(here / "fuzz.lua")], env=environment, cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        for _ in range(1000):
            if result.exists() and result.stat().st_size:
                break
            time.sleep(0.01)
        else:
            sys.exit(f"seed {seed}: the mirror said nothing\n{done.stdout.decode(errors='replace')[-2000:]}")
        found = json.loads(result.read_text())
        wrong = found["wrong"]
        for name in files:
            final = folder / (name + ".final")
            mirrored = found["final"].get(str(folder / name))
            if final.exists() and mirrored is not None and base64.b64decode(mirrored) != final.read_bytes():
                wrong.append(f"{name}: another text at the end")
        if found["counts"].get("resync"):
            wrong.append(f"{found['counts']['resync']} resyncs")
        if b"playhead:" in done.stdout:
            wrong.append(done.stdout.decode(errors="replace")[-500:])
        print(f"seed {seed}: {rounds} operations, {found['counts']}", *wrong[:5], sep="\n  ")
        return not wrong


parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=2000)
parser.add_argument("--seed", type=int, default=int(time.time()) % 100000)
parser.add_argument("--runs", type=int, default=1)
parser.add_argument("--nvim", default="nvim")
options = parser.parse_args()
results = [run(options.nvim, options.rounds, options.seed + i) for i in range(options.runs)]
sys.exit(0 if all(results) else 1)
