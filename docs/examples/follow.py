#!/usr/bin/env python3
"""follow.py URL USER [SESSION]: what USER does, as it happens; with pika and protoc's events_pb2, as f-NAME."""
import hashlib
import sys
import uuid

import pika
import events_pb2

url, user, session = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None
parameters = pika.URLParameters(url)
channel = pika.BlockingConnection(parameters).channel()
queue = f"{parameters.credentials.username}.{uuid.uuid4().hex[0]}"
channel.queue_declare(queue, exclusive=True, arguments={"x-max-length": 10000, "x-overflow": "drop-head"})
channel.queue_bind(queue, "playhead.live", f"{user}.{session}.#" if session else f"{user}.#")
heads = {}  # source: (seq, hash) of the newest batch printed
print("following", flush=True)

for deliver, properties, body in channel.consume(queue, auto_ack=True):
    headers = properties.headers or {}
    words = deliver.routing_key.split(".")
    if len(words) != 4 or properties.user_id != words[0] or properties.type != "batch" or headers.get("v") != 1:
        continue
    if any(name in headers for name in ("CC", "BCC", "x-death")):
        continue
    batch = events_pb2.Batch.FromString(body)
    if str(uuid.UUID(bytes=batch.source)) != words[3] or str(uuid.UUID(bytes=batch.session)) != words[1]:
        continue
    seq, last = heads.get(batch.source, (batch.seq - 1, batch.previous))
    if batch.seq <= seq:
        continue  # a duplicate
    if batch.seq > seq + 1 or batch.previous != last:
        print(f"... {words[2]} {batch.seq - seq - 1} batches missed; the archive has them", flush=True)
    heads[batch.source] = batch.seq, hashlib.sha256(body).digest()
    time = batch.time_us
    for event in batch.events:
        time += event.delta_us
        kind = event.WhichOneof("body")
        text = str(getattr(event, kind)).replace("\n", " ") if kind else ""
        print(f"{time / 1e6:.6f} {words[0]} {words[2]} {kind} {text[:120]}", flush=True)
