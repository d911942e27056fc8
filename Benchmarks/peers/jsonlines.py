"""jsonlines.py TRACE.json.gz: bytes per edit of the plainest log of the same edits, with their times, not seekable;
and of a loro document (its history, without times) where it is installed."""
import datetime
import gzip
import json
import sys

with gzip.open(sys.argv[1]) as file:
    trace = json.load(file)
lines = []
for txn in trace["txns"]:
    seconds = datetime.datetime.fromisoformat(txn["time"].replace("Z", "+00:00")).timestamp()
    for offset, removed, text in txn["patches"]:
        line = {"t": round(seconds, 3), "p": offset, "d": removed, "s": text}
        lines.append(json.dumps(line, separators=(",", ":")))
plain = ("\n".join(lines) + "\n").encode()
edits = len(lines)
figures = {"edits": edits, "plain": len(plain) / edits, "gzip": len(gzip.compress(plain, 9)) / edits}
try:
    import loro
except ImportError:
    pass
else:
    document = loro.LoroDoc()
    text = document.get_text("t")
    for txn in trace["txns"]:
        for offset, removed, new in txn["patches"]:
            if removed:
                text.delete(offset, removed)
            if new:
                text.insert(offset, new)
    document.commit()
    figures["loro"] = len(document.export(loro.ExportMode.Snapshot())) / edits
print(json.dumps(figures))
