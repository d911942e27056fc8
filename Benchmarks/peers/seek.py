"""seek.py TRACE.json SEEKS: milliseconds of loro's checkout of a random version, the text included (p50, p99)."""
import json
import random
import sys
import time

with open(sys.argv[1]) as file:
    trace = json.load(file)
try:
    import loro
except ImportError:
    print("{}")
    sys.exit()
document = loro.LoroDoc()
text = document.get_text("t")
operations = 0
for txn in trace["txns"]:
    for offset, removed, new in txn["patches"]:
        if removed:
            text.delete(offset, removed)
        if new:
            text.insert(offset, new)
        operations += removed + len(new)
document.commit()
assert text.to_string() == trace["endContent"]
other = loro.LoroDoc()
other.import_(document.export(loro.ExportMode.Snapshot()))
generator = random.Random(1)
times = []
for _ in range(int(sys.argv[2])):
    at = generator.randrange(operations)
    start = time.perf_counter()
    other.checkout(loro.Frontiers.from_id(loro.ID(document.peer_id, at)))
    other.get_text("t").to_string()
    times.append((time.perf_counter() - start) * 1e3)
times.sort()
print(json.dumps({"p50": times[len(times) // 2], "p99": times[min(len(times) - 1, len(times) * 99 // 100)]}))
