"""document.py TRACE.json PASSES: million edits per second of Python's bytearray, and of loro where it is installed."""
import json
import statistics
import sys
import time

with open(sys.argv[1]) as file:
    trace = json.load(file)
edits = [tuple(patch) for txn in trace["txns"] for patch in txn["patches"]]
end = trace["endContent"]


def rate(one_pass):
    times = []
    for _ in range(int(sys.argv[2])):
        start = time.perf_counter()
        text = one_pass()
        times.append(time.perf_counter() - start)
        assert text == end
    return len(edits) / statistics.median(times) / 1e6


binary = [(offset, offset + removed, text.encode()) for offset, removed, text in edits]


def splice():
    text = bytearray()
    for start, stop, new in binary:
        text[start:stop] = new
    return text.decode()


figures = {"bytearray": rate(splice)}
try:
    import loro
except ImportError:
    pass
else:
    def merge():
        document = loro.LoroDoc()
        text = document.get_text("t")
        for offset, removed, new in edits:
            if removed:
                text.delete(offset, removed)
            if new:
                text.insert(offset, new)
        document.commit()
        return text.to_string()

    figures["loro"] = rate(merge)
print(json.dumps(figures))
