#!/usr/bin/env python3
"""on_terminal.py OPTION=VALUE... -- COMMAND...: runs a command on a terminal of 100 x 40 letters and types for it.

says: what the terminal answers to questions, in Python's escapes (an answer to \\e[c; empty: it answers nothing); keys: a
word of letters to type, each once the screen has changed; w waits for one more picture; interrupt: after so many
pictures Ctrl-C. The screen's bytes go to ./screen; exit: the command's. Fails when the terminal is not left as it was."""
import os, pty, re, select, signal, sys, termios, time, fcntl, struct

split = sys.argv.index("--")
options = {"says": "", "keys": "", "interrupt": "0", "limit": "60"}
options.update(word.split("=", 1) for word in sys.argv[1:split])
command = sys.argv[split + 1:]
says = options["says"].encode().decode("unicode_escape").encode("latin-1")
keys = list(options["keys"].encode().decode("unicode_escape"))

master, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
before = termios.tcgetattr(terminal)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(terminal, stream)
    os.close(master)
    os.execvp(command[0], command)

screen, answered, pictures, interrupted = b"", False, 0, False
end, typed_at = time.monotonic() + float(options["limit"]), 0.0
status = None
while True:
    if time.monotonic() > end:
        os.kill(child, signal.SIGKILL)
        sys.exit("the command does not end; the screen: %r" % screen[-400:])
    ready, _, _ = select.select([master], [], [], 0.05)
    if ready:
        try:
            screen += os.read(master, 65536)
        except OSError:
            pass
    if not answered and b"\x1b[c" in screen:
        answered = True
        os.write(master, says)
    pictures = len(re.findall(rb"\x1b\[1;1H|\x1b\[H\x1bPq|\x1b\[H\x1b_Ga=T", screen))
    if pictures > 0 and keys and time.monotonic() - typed_at > 0.3:
        typed_at = time.monotonic()
        key = keys.pop(0)
        if key != "w":
            os.write(master, key.encode("latin-1"))
    if int(options["interrupt"]) and pictures >= int(options["interrupt"]) and not interrupted:
        interrupted = True
        os.write(master, b"\x03")
    if status is None:
        done, result = os.waitpid(child, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(result)
            continue  # what is still on its way
    elif not ready:
        break
open("screen", "wb").write(screen)
if termios.tcgetattr(terminal) != before:
    sys.exit("the terminal's settings are not what they were")
if screen.count(b"\x1b[?1049h") != screen.count(b"\x1b[?1049l") or screen.count(b"\x1b[?25l") != screen.count(b"\x1b[?25h"):
    sys.exit("the screen is not the one that was there")
print(pictures, "pictures")
sys.exit(status)
