"""live.py COUNT RATE READERS: a text typed in one process and mirrored in others through pycrdt-websocket.

Prints milliseconds from the edit to its observation by a reader: p50 and p99 over all readers.
"""
import asyncio
import json
import multiprocessing
import sys
import time

import websockets
from pycrdt import Doc, Provider, Text
from pycrdt.websocket import WebsocketServer

count, rate, readers = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])


class Channel:
    """A connection as pycrdt wants it."""

    def __init__(self, socket, path):
        self.socket, self.path = socket, path

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.recv()
        except websockets.ConnectionClosed:
            raise StopAsyncIteration

    async def send(self, message):
        await self.socket.send(message)

    async def recv(self):
        return bytes(await self.socket.recv())


def serve(place):
    async def run():
        async with WebsocketServer() as server:
            async def handle(socket):
                await server.serve(Channel(socket, socket.request.path))

            async with websockets.serve(handle, "127.0.0.1", 0, max_queue=None, compression=None) as listening:
                place.put(listening.sockets[0].getsockname()[1])
                await asyncio.Future()

    asyncio.run(run())


def connect(port):
    return websockets.connect(f"ws://127.0.0.1:{port}/room", max_queue=None, compression=None)


def read(port, share, ready, told):
    """`share` readers in one process, as the followers are."""

    async def follow():
        document = Doc()
        text = document.get("text", type=Text)
        times = []
        held = text.observe(lambda _: times.append(time.monotonic_ns()))
        async with connect(port) as socket, Provider(document, Channel(socket, "room")):
            ready.put(1)
            while len(times) < count:
                await asyncio.sleep(0.05)
        del held
        return times

    async def run():
        return await asyncio.gather(*(follow() for _ in range(share)))

    told.put(asyncio.run(run()))


async def write(port):
    document = Doc()
    text = document.get("text", type=Text)
    times = []
    async with connect(port) as socket, Provider(document, Channel(socket, "room")):
        await asyncio.sleep(1)
        start = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0, start + number / rate - time.monotonic()))
            times.append(time.monotonic_ns())
            text += chr(97 + number % 26)
        await asyncio.sleep(2)
    return times


if __name__ == "__main__":
    place, ready, told = (multiprocessing.Queue() for _ in range(3))
    server = multiprocessing.Process(target=serve, args=(place,), daemon=True)
    server.start()
    port = place.get(timeout=30)
    reading = multiprocessing.Process(target=read, args=(port, readers, ready, told), daemon=True)
    reading.start()
    for _ in range(readers):
        ready.get(timeout=60)
    sent = asyncio.run(write(port))
    delays = sorted((got - had) / 1e6 for times in told.get(timeout=60) for had, got in zip(sent, times))
    print(json.dumps({"p50": delays[len(delays) // 2], "p99": delays[len(delays) * 99 // 100]}))
