#!/usr/bin/env python3
"""lying_board.py LINK OPTION=VALUE...: a board on the pseudo-terminal LINK that speaks the protocol and says what it likes.

name: a word of Python's escapes for each of its texts; tests: recorded inputs it says it has; engines: ready ones;
ran: the inputs that its self-test ran on each engine; differs: whether the last of them does; bench: engines it measured;
runs: how many inferences of each; refuses: a command that it refuses; frames: how many a stream has; picture: how it lies
about the pictures it sends: size, huge, crc, short, damaged, none, endless."""
import base64, os, pty, sys, tty, zlib

options = {"name": "x", "tests": "2", "engines": "mudra", "ran": "0,1", "differs": "", "bench": "mudra", "runs": "5",
           "frames": "1", "picture": ""}
options.update(word.split("=", 1) for word in sys.argv[2:])
name = options["name"].encode("latin-1").decode("unicode_escape").encode("latin-1")
text = '"' + "".join("\\x%02x" % byte for byte in name) + '"'
engines = options["engines"].split(",")

master, terminal = pty.openpty()
tty.setraw(terminal)
os.symlink(os.ttyname(terminal), sys.argv[1])

def say(line, tag):
    line = (line + " " + tag).encode()
    os.write(master, line + b" ~%04x\r\n" % (zlib.crc32(line) & 0xFFFF))

def info():
    yield f"board chip={text} revision=v0.2 cores=2 mhz=240 flash_bytes=8388608 psram_bytes=0 firmware={text} idf={text} problem={text}"
    yield ("model bytes=9 crc32=00000000 partition_bytes=99 height=96 width=96 channels=1 input_bits=8 input_exponent=-7 "
           f"classes=2 output_bits=8 output_exponent=-3 tests={options['tests']} named=yes")
    for index in range(2):
        yield f"label index={index} name={text}"
    for engine in engines:
        yield f"engine name={engine} ready=yes arena_bytes=9 memory={text} kernels={text} weights={text} problem={text}"
    yield f"engine name={text} ready=no arena_bytes=9 memory={text} kernels={text} weights=ram problem={text}"
    yield f"camera present=yes sensor={text}"

def picture():
    for index in range(2):
        yield f"score engine={text} index={index} value={index} percent=50.00 label={text}"
    yield f"result engine={text} index=1 percent=50.00 us=5 label={text}"

def bench():
    for engine in filter(None, options["bench"].split(",")):
        engine = text if engine == "name" else engine
        yield f"latency engine={engine} runs={options['runs']} least_us=1 median_us=2 p99_us=3 most_us=4 mean_us=2"

def selftest():
    ran = [word for word in options["ran"].split(",") if word]
    for engine in engines:
        for place, index in enumerate(ran):
            passed = "no" if options["differs"] and place == len(ran) - 1 else "yes"
            yield f"test engine={engine} index={index} passed={passed} element=0 got=1 want=2 node={text}"

def send_picture(tag, number):
    lie = options["picture"]
    pixels = bytes((x * 2 + y + 40 * number) % 256 for y in range(96) for x in range(96))
    width, crc = {"size": 97, "huge": 10**9}.get(lie, 96), zlib.crc32(pixels) ^ (lie == "crc")
    if lie == "none":
        return
    say(f"picture kind=gray height=96 width={width} bytes=9216 crc32={crc:08x}", tag)
    parts = [pixels[at:at + 144] for at in range(0, len(pixels), 144)]
    while lie == "endless":
        say(":" + base64.b64encode(parts[0]).decode(), tag)
    for place, part in enumerate(parts[:-1] if lie == "short" else parts):
        if lie == "damaged" and place == 9:
            os.write(master, b":" + base64.b64encode(part) + f" {tag} ~0000\r\n".encode())
        else:
            say(":" + base64.b64encode(part).decode(), tag)

def memory():
    for when in (text, "now"):
        yield f"memory when={when} internal_free=1 internal_least=1 internal_largest=1 psram_free=0 psram_least=0 psram_largest=0"
    yield f"stack bytes=9 least_free=1 task={text}"

answers = {"info": info, "image": picture, "bench": bench, "selftest": selftest, "mem": memory}
unread, receiving, left = b"", None, 0
while True:
    unread += os.read(master, 4096).replace(b"\r", b"\n")
    *lines, unread = unread.split(b"\n")
    for line in filter(None, lines):
        words = line.decode().split()
        if words[0].startswith(":"):
            left -= len(words[0]) // 4 * 3 - words[0].count("=")
            if left == 0:
                for answer in picture():
                    say(answer, receiving)
                say("ok image", receiving)
            continue
        tag = next((word for word in words if word.startswith("#")), "")
        if words[0] == "image":
            receiving, left = tag, int(words[2])
            say(f"ready bytes={left}", tag)
        elif words[0] == "baud":
            say(f"error line code=unknown_command text={text}", tag)
        elif words[0] == "stream":
            if words[1] == "on":
                say("ok stream", tag)
                for number in range(1, int(options["frames"]) + 1):
                    if "pictures" in words:
                        send_picture(tag, number)
                        for index in range(2):
                            say(f"score engine={text} index={index} value={index} percent=50.00 label={text}", tag)
                    say(f"frame number={number} us=5 percent=50.00 label={text} shown={text}", tag)
            else:
                say("ok stream", tag)
        elif words[0] == "snap":
            send_picture(tag, 0)
            say("ok snap", tag)
        elif options.get("refuses") == words[0]:
            say(f"error {words[0]} code=engine text={text}", tag)
        else:
            for answer in answers[words[0]]():
                say(answer, tag)
            say("ok " + words[0], tag)
