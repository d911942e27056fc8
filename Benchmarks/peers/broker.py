"""broker.py publish PORT VHOST LOGIN PASSWORD MESSAGES: the messages of a file to playhead.events, with confirms.
broker.py drain PORT VHOST LOGIN PASSWORD COUNT DB: the archive's queue into SQLite, with the archiver's checks.

pika and Python's own sqlite3, as somebody would write it who cares for speed. Prints seconds and CPU seconds.
"""
import hashlib
import json
import re
import resource
import sqlite3
import struct
import sys
import time

import pika

WINDOW, PREFETCH, COMMIT = 1000, 4000, 1000
what, port, host, login, password = sys.argv[1:6]
parameters = pika.ConnectionParameters(
    "127.0.0.1", int(port), host, pika.PlainCredentials(login, password), heartbeat=0)


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def tell(began, before):
    print(json.dumps({"seconds": time.monotonic() - began, "cpu": cpu() - before}))


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    (count,), at = struct.unpack_from("<I", data), 4
    for _ in range(count):
        parts = []
        for part in range(5):
            if part == 3:
                parts.append(struct.unpack_from("<Q", data, at)[0])
                at += 8
                continue
            (length,) = struct.unpack_from("<I", data, at)
            parts.append(data[at + 4:at + 4 + length])
            at += 4 + length
        yield parts[0].decode(), parts[1].decode(), parts[2].decode(), parts[3], parts[4]


class Publisher:
    def __init__(self, messages):
        self.messages = iter(messages)
        self.sent, self.low, self.waiting, self.ended = 0, 0, set(), False
        self.connection = pika.SelectConnection(
            parameters, on_open_callback=lambda c: c.channel(on_open_callback=self.opened))
        self.connection.ioloop.start()

    def opened(self, channel):
        self.channel = channel
        channel.confirm_delivery(self.answered, callback=self.begin)

    def begin(self, _):
        self.began, self.cpu = time.monotonic(), cpu()
        self.pump()

    def pump(self):
        while len(self.waiting) < WINDOW:
            message = next(self.messages, None)
            if message is None:
                self.ended = True
                return
            key, identity, digest, seq, body = message
            self.sent += 1
            self.waiting.add(self.sent)
            self.channel.basic_publish(
                "playhead.events", key, body, pika.BasicProperties(
                    content_type="application/vnd.playhead+protobuf", headers={"v": 1, "hash": digest, "seq": seq},
                    delivery_mode=2, message_id=identity, type="batch", user_id=login, app_id="playhead"),
                mandatory=True)

    def answered(self, frame):
        method = frame.method
        assert isinstance(method, pika.spec.Basic.Ack), method
        if method.multiple:
            self.waiting.difference_update(range(self.low + 1, method.delivery_tag + 1))
            self.low = max(self.low, method.delivery_tag)
        else:
            self.waiting.discard(method.delivery_tag)
        if self.ended and not self.waiting:
            tell(self.began, self.cpu)
            self.connection.close()
            self.connection.ioloop.stop()
        else:
            self.pump()


class Refused(Exception):
    pass


class Archiver:
    """The tables, commits and checks of a team's archive."""
    UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    KEY = re.compile(rf"([a-z0-9-]{{1,32}})\.({UUID})\.([a-z0-9-]{{1,64}})\.({UUID})")
    LATEST = 253_402_300_799_999_999

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript("""
            PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 4000;
            CREATE TABLE sources(id INTEGER PRIMARY KEY, source BLOB NOT NULL UNIQUE, session BLOB NOT NULL,
                user TEXT NOT NULL, head INTEGER NOT NULL, head_hash BLOB NOT NULL, end_us INTEGER NOT NULL) STRICT;
            CREATE TABLE blocks(arrival INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL,
                first INTEGER NOT NULL, last INTEGER NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL,
                body BLOB NOT NULL) STRICT;
            CREATE UNIQUE INDEX blocks_source ON blocks(source, first);
            """)
        self.keys, self.sources, self.grown, self.rows = {}, {}, set(), []

    def key(self, text):
        known = self.keys.get(text)
        if known is None:
            match = self.KEY.fullmatch(text)
            if not match:
                raise Refused("key")
            known = self.keys[text] = (
                match[1], bytes.fromhex(match[2].replace("-", "")), bytes.fromhex(match[4].replace("-", "")))
        return known

    def take(self, key, properties, body):
        user, session, source = self.key(key)
        if properties.user_id != user:
            raise Refused("user")
        headers = properties.headers or {}
        if "CC" in headers or "BCC" in headers or "x-death" in headers:
            raise Refused("laundered")
        if headers.get("v") != 1 or properties.type != "batch" or len(body) > 112_640:
            raise Refused("form")
        batch = events_pb2.Batch.FromString(body)
        if batch.version != 1 or batch.source != source or batch.session != session:
            raise Refused("place")
        digest, seq, end = hashlib.sha256(body), batch.seq, batch.time_us
        if headers.get("seq") != seq or headers.get("hash") != digest.hexdigest() or seq < 1 or not batch.events:
            raise Refused("headers")
        for event in batch.events:
            end += event.delta_us
            if not -62_135_596_800_000_000 <= end <= self.LATEST:
                raise Refused("time")
        known = self.sources.get(source)
        if known is None:
            number = self.db.execute(
                "INSERT INTO sources(source, session, user, head, head_hash, end_us) VALUES(?, ?, ?, 0, x'', 0)",
                (source, session, user)).lastrowid
            known = self.sources[source] = [number, session, user, 0, b"", end]
        if known[1] != session or known[2] != user:
            raise Refused("owner")
        if seq != known[3] + 1 or batch.previous != known[4]:
            raise Refused("order")
        known[3], known[4], known[5] = seq, digest.digest(), max(known[5], end)
        self.grown.add(source)
        self.rows.append((known[0], seq, seq, batch.time_us, end, b"\0" + body))

    def begin(self):
        self.db.execute("BEGIN IMMEDIATE")

    def commit(self):
        self.db.executemany(
            "INSERT INTO blocks(source, first, last, start_us, end_us, body) VALUES(?, ?, ?, ?, ?, ?)", self.rows)
        self.db.executemany(
            "UPDATE sources SET head = ?, head_hash = ?, end_us = ? WHERE id = ?",
            [(s[3], s[4], s[5], s[0]) for s in map(self.sources.get, self.grown)])
        self.db.execute("COMMIT")
        self.rows.clear()
        self.grown.clear()


def drain(count, path):
    archiver, got = Archiver(path), 0
    began, before = time.monotonic(), cpu()
    connection = pika.BlockingConnection(parameters)
    channel = connection.channel()
    channel.basic_qos(prefetch_count=PREFETCH)

    def delivered(channel, method, properties, body):
        nonlocal got
        if got % COMMIT == 0:
            archiver.begin()
        archiver.take(method.routing_key, properties, body)
        got += 1
        if got % COMMIT == 0 or got == count:
            archiver.commit()
            channel.basic_ack(method.delivery_tag, multiple=True)
        if got == count:
            channel.stop_consuming()

    channel.basic_consume("playhead.archive", delivered)
    channel.start_consuming()
    tell(began, before)
    connection.close()


if what == "publish":
    Publisher(list(read(sys.argv[6])))
else:
    import events_pb2
    drain(int(sys.argv[6]), sys.argv[7])
