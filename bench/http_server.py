"""A small HTTP server on uvloop, for Debian's own Python, for which uvloop is packaged. Prints where
it listens and how long a reply is; ends on SIGTERM."""

import asyncio
import signal

import uvloop

BODY = b"Hello, world!"
REPLY = (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
         % (len(BODY), BODY))


class Http(asyncio.Protocol):
    """Answers each request by the same text."""

    def connection_made(self, transport):
        self.transport = transport
        self.received = b""

    def data_received(self, data):
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) != -1:
            head, self.received = self.received[:end], self.received[end + 4:]
            is_get = head.startswith(b"GET / HTTP/1.1\r\n")
            self.transport.write(REPLY if is_get else b"HTTP/1.1 404 Not Found\r\n\r\n")


async def main():
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ending.set)
    server = await loop.create_server(Http, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(f"replies of {len(REPLY)} bytes at 127.0.0.1 {port}", flush=True)
    await ending.wait()
    server.close()


uvloop.install()
asyncio.run(main())
