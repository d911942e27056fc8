"""emulator.py FILE: MB per second of pyte on a 160x45 screen, over the first 256 KiB."""
import json
import sys
import time

import pyte

with open(sys.argv[1], "rb") as file:
    data = file.read(256 << 10)
stream = pyte.ByteStream(pyte.Screen(160, 45))
start = time.perf_counter()
for index in range(0, len(data), 4096):
    stream.feed(data[index : index + 4096])
print(json.dumps({"pyte": len(data) / (time.perf_counter() - start) / 1e6}))
