"""slow_line.py BOARD LINK RATE: LINK is a terminal whose bytes reach the terminal BOARD at RATE bytes a second, as over a real line."""
import os, pty, select, sys, time, tty

board = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(board)
ours, theirs = pty.openpty()
tty.setraw(theirs)
os.symlink(os.ttyname(theirs), sys.argv[2])
rate = int(sys.argv[3])
while True:
    for end in select.select([board, ours], [], [])[0]:
        data = os.read(end, 512)
        if end == ours:
            time.sleep(len(data) / rate)
        os.write(board if end == ours else ours, data)
