#!/usr/bin/env python3
"""Stands for `playhead editor`: keeps a copy of each document and compares it at every hash. Its result is a file of JSON."""
import base64, hashlib, json, os, sys

texts, paths, counts, wrong = {}, {}, {}, []


def data(value):
    return value.encode() if isinstance(value, str) else base64.b64decode(value["b64"])


def order(what, doc):
    print(json.dumps({"do": what, "doc": doc}), flush=True)


for number, line in enumerate(sys.stdin.buffer, 1):
    message = json.loads(line)
    kind, doc = message["ev"], message.get("doc")
    counts[kind] = counts.get(kind, 0) + 1
    if kind == "open":
        paths[doc] = data(message["path"])
        order("record", doc)
    elif kind in ("text", "resync"):
        texts[doc] = data(message["text"])
    elif kind == "edit":
        old, at, removed = texts[doc], message["off"], message["del"]
        if at + removed > len(old):
            wrong.append(f"line {number}: an edit beyond the end")
        texts[doc] = old[:at] + data(message["text"]) + old[at + removed:]
        origin = "edit " + message["origin"]
        counts[origin] = counts.get(origin, 0) + 1
    elif kind == "rename":
        paths[doc] = data(message["path"])
    if kind in ("save", "check", "close") and "sha256" in message:
        counts["proofs"] = counts.get("proofs", 0) + 1
        if hashlib.sha256(texts[doc]).hexdigest() != message["sha256"]:
            wrong.append(f"line {number}: another text at a {kind} of {paths[doc]!r}")
            order("resync", doc)
final = {paths[doc].decode(): base64.b64encode(text).decode() for doc, text in texts.items()}
with open(os.environ["PLAYHEAD_MIRROR"], "w") as out:
    json.dump({"counts": counts, "wrong": wrong, "final": final}, out)
