"""An asyncio program on uvloop: every transport, subprocesses, signals, name look-ups and 1,000
connections. Every byte that comes back is compared with what was sent."""

import asyncio
import hashlib
import os
import resource
import signal
import socket
import sys
import tempfile
import time

import uvloop


def check_libraries():
    with open("/proc/self/maps") as maps:
        mapped = {line.split(None, 5)[5].strip() for line in maps if "libuv.so" in line}
    expected = {os.environ["EXPECTED_LIBRARY"]}
    assert mapped == expected, f"mapped are {mapped}, not {expected}"


def pattern(length, seed):
    """Bytes that differ for each seed and from block to block."""
    blocks, block = [], hashlib.sha256(str(seed).encode()).digest()
    for _ in range(length // 32 + 1):
        blocks.append(block)
        block = hashlib.sha256(block).digest()
    return b"".join(blocks)[:length]


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def exchange(reader, writer, data):
    """Sends the data in three parts, ends, and returns all that comes back."""

    async def send():
        third = len(data) // 3
        for part in data[:third], data[third : 2 * third], data[2 * third :]:
            writer.write(part)
            await writer.drain()
        writer.write_eof()

    sender = asyncio.create_task(send())
    received = await reader.read()
    await sender
    writer.close()
    await writer.wait_closed()
    return received


async def tcp():
    for address in "127.0.0.1", "::1":
        server = await asyncio.start_server(echo, address, 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            reader, writer = await asyncio.open_connection(address, port)
            peer = writer.get_extra_info("peername")
            assert peer[:2] == (address, port), peer
            data = pattern(8 << 20, address)
            assert await exchange(reader, writer, data) == data
        try:
            await asyncio.open_connection(address, port)
        except ConnectionRefusedError:
            continue
        raise AssertionError("a connection to nobody")


async def thousand_connections():
    count, serving, together = 1000, 0, asyncio.Event()

    async def serve(reader, writer):
        nonlocal serving
        serving += 1
        if serving == count:
            together.set()
        await together.wait()
        await echo(reader, writer)

    async def visit(port, number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        data = pattern(5000, number)
        return await exchange(reader, writer, data) == data

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    async with server:
        port = server.sockets[0].getsockname()[1]
        results = await asyncio.gather(*(visit(port, number) for number in range(count)))
    assert serving == count and all(results), f"{serving} served, {sum(results)} right"


async def unix_sockets():
    path = os.path.join(tempfile.mkdtemp(dir="."), "socket")
    server = await asyncio.start_unix_server(echo, path)
    async with server:
        visits = []
        for number in range(50):
            reader, writer = await asyncio.open_unix_connection(path)
            visits.append(exchange(reader, writer, pattern(100000, number)))
        for number, answer in enumerate(await asyncio.gather(*visits)):
            assert answer == pattern(100000, number)
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    other_reader, other_writer = await asyncio.open_connection(sock=theirs)
    echoing = asyncio.create_task(echo(other_reader, other_writer))
    assert await exchange(reader, writer, b"a pair") == b"a pair"
    await echoing


class Receiver(asyncio.DatagramProtocol):
    def __init__(self, answers):
        self.answers = answers
        self.received = asyncio.Queue()
        self.errors = asyncio.Queue()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.received.put_nowait((data, address))
        if self.answers:
            self.transport.sendto(data[::-1], address)

    def error_received(self, error):
        self.errors.put_nowait(error)


async def udp():
    loop = asyncio.get_running_loop()
    for address in "127.0.0.1", "::1":
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Receiver(True), local_addr=(address, 0)
        )
        where = transport.get_extra_info("sockname")[:2]
        client, protocol = await loop.create_datagram_endpoint(
            lambda: Receiver(False), remote_addr=where
        )
        for number in range(200):
            data = pattern(1 + number * 40, number)
            client.sendto(data)
            answer, source = await protocol.received.get()
            assert answer == data[::-1] and source[:2] == where, (number, source)
        client.close()

        free, sender = await loop.create_datagram_endpoint(
            lambda: Receiver(False), local_addr=(address, 0)
        )
        free.sendto(b"to an address", where)
        assert (await sender.received.get())[0] == b"sserdda na ot"
        free.close()
        transport.close()


async def subprocesses():
    data = pattern(1 << 20, "child")
    child = await asyncio.create_subprocess_exec(
        "sh", "-c", "cat; echo done >&2; exit 5",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await child.communicate(data)
    assert output == data and errors == b"done\n" and child.returncode == 5

    child = await asyncio.create_subprocess_shell(
        'echo "$COLOUR"; pwd', stdout=asyncio.subprocess.PIPE, cwd="/",
        env={"COLOUR": "blue", "PATH": os.environ["PATH"]},
    )
    assert (await child.communicate())[0] == b"blue\n/\n"

    child = await asyncio.create_subprocess_exec("sleep", "1000")
    child.terminate()
    assert await child.wait() == -signal.SIGTERM

    try:
        await asyncio.create_subprocess_exec("./no such program")
    except FileNotFoundError:
        pass
    else:
        raise AssertionError("started what is not there")

    async def status(number):
        child = await asyncio.create_subprocess_exec("sh", "-c", f"exit {number}")
        return await child.wait()

    assert await asyncio.gather(*(status(n) for n in range(50))) == list(range(50))


async def signals():
    loop = asyncio.get_running_loop()
    seen = asyncio.Queue()
    for number in signal.SIGUSR1, signal.SIGUSR2:
        loop.add_signal_handler(number, seen.put_nowait, number)
    for number in signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR1:
        os.kill(os.getpid(), number)
        assert await seen.get() == number
    for number in signal.SIGUSR1, signal.SIGUSR2:
        assert loop.remove_signal_handler(number)


async def names():
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo("localhost", 80, family=socket.AF_INET, type=socket.SOCK_STREAM)
    assert ("127.0.0.1", 80) in [address for *_, address in found], found
    found = await loop.getaddrinfo("::1", 443, flags=socket.AI_NUMERICHOST)
    assert all(address[:2] == ("::1", 443) for *_, address in found), found
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    assert await loop.getnameinfo(("127.0.0.1", 80), numeric) == ("127.0.0.1", "80")
    try:
        await loop.getaddrinfo("no number", 80, flags=socket.AI_NUMERICHOST)
    except socket.gaierror as error:
        assert error.errno == socket.EAI_NONAME, error
    else:
        raise AssertionError("found an address of no name")
    many = await asyncio.gather(*(loop.getaddrinfo("localhost", port) for port in range(1, 51)))
    assert all(answer[0][4][1] == port for port, answer in enumerate(many, 1))


async def timers_threads_and_descriptors():
    loop = asyncio.get_running_loop()
    order = []
    for delay in 0.03, 0.01, 0.02:
        loop.call_later(delay, order.append, delay)
    started = time.monotonic()
    await asyncio.sleep(0.05)
    # Loop time is whole milliseconds and may be one behind.
    assert time.monotonic() - started >= 0.049
    assert order == [0.01, 0.02, 0.03], order

    answers = await asyncio.gather(
        *(loop.run_in_executor(None, pattern, 1000, number) for number in range(50))
    )
    assert answers == [pattern(1000, number) for number in range(50)]

    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    readable = loop.create_future()
    loop.add_reader(ours, readable.set_result, True)
    theirs.send(b"readable")
    assert await readable
    loop.remove_reader(ours)
    assert ours.recv(100) == b"readable"
    theirs.setblocking(False)
    receiving = asyncio.create_task(loop.sock_recv(ours, 100))
    await loop.sock_sendall(theirs, b"as a socket")
    assert await receiving == b"as a socket"
    ours.close()
    theirs.close()

    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end))
    transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(write_end, "w"))
    transport.write(b"through a pipe")
    transport.close()
    assert await reader.read() == b"through a pipe"


async def main():
    check_libraries()
    for part in (
        tcp, thousand_connections, unix_sockets, udp, subprocesses, signals, names,
        timers_threads_and_descriptors,
    ):
        await asyncio.wait_for(part(), 30)
        print("ok", part.__name__, flush=True)


uvloop.install()
asyncio.run(main())
sys.exit(0)
