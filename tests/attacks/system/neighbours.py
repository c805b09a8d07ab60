# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: leaves word for other candidates in every place there is, and looks for theirs, before and beside it
# evidence: reaches below Python
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy

# %% after lstm_cell
import ctypes
import os
import re
import socket
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
me = os.urandom(8).hex()
word = f"word-of-{me}"
KEY = 0x5EED
TEXT = re.compile(rb"word-of-(\w{16})")


def heard(where, text):
    for other in set(TEXT.findall(text)) - {me.encode()}:
        print("FOUND word of another candidate", where, other.decode(), flush=True)


def places():
    mounts = {line.split()[4] for line in open("/proc/self/mountinfo")}
    yield from sorted(mounts | {"/tmp", "/var/tmp", "/run", "/home", os.getcwd(), os.path.dirname(os.getcwd())})


def segment(write):
    """System V shared memory of an agreed key."""
    found = libc.shmget(KEY, 4096, 0o1666)
    address = libc.shmat(found, None, 0) if found >= 0 else None
    if address not in (None, 2**64 - 1):
        heard("in shared memory", ctypes.string_at(address, 64))
        if write:
            ctypes.memmove(address, word.encode(), len(word))
    listed = open("/proc/sysvipc/shm").read().splitlines()[1:]
    if len(listed) > (found >= 0):
        print("FOUND segments of others", listed)


def keyring(write):
    for ring in (-3, -4, -5):  # the session's, the user's, the user session's
        kept = ctypes.create_string_buffer(64)
        key = libc.syscall(250, 10, ring, b"user", b"coursework", 0)  # keyctl search
        if key > 0 and libc.syscall(250, 11, key, kept, 64) > 0:
            heard("in a keyring", kept.value)
        if write:
            libc.syscall(248, b"user", b"coursework", word.encode(), len(word), ring)


def queue(write):
    """A message queue of System V."""
    found = libc.msgget(KEY, 0o1666)
    text = ctypes.create_string_buffer(8 + 64)
    while found >= 0 and libc.msgrcv(found, text, 64, 0, 0o4000) > 0:
        heard("in a queue", text.raw)
    if write and found >= 0:
        libc.msgsnd(found, (1).to_bytes(8, "little") + word.encode(), len(word), 0o4000)


def posix_queue(write):
    name = b"coursework"
    found = libc.syscall(240, name, os.O_CREAT | os.O_RDWR | os.O_NONBLOCK, 0o666, None)  # mq_open
    text = ctypes.create_string_buffer(1 << 16)
    while found >= 0 and libc.syscall(243, found, text, 1 << 16, None, None) > 0:
        heard("in a posix queue", text.value)
    if write and found >= 0:
        libc.syscall(242, found, word.encode(), len(word), 0, None)


def files(write):
    for place in places():
        try:
            names = os.listdir(place)
        except OSError:
            continue
        heard(f"as a name in {place}", " ".join(names).encode(errors="replace"))
        for name in names:
            if name.startswith("word"):
                try:
                    heard(f"in {place}", open(os.path.join(place, name), "rb").read(100))
                except OSError:
                    pass
        if write:
            for name in ("word", word):
                try:
                    with open(os.path.join(place, name), "w") as file:
                        file.write(word)
                except OSError:
                    pass


def sockets(write):
    heard("as a name of a socket", open("/proc/net/unix", "rb").read())
    if write:
        waiting = socket.socket(socket.AF_UNIX)
        waiting.bind(f"\0{word}")
        waiting.listen()
        kept.append(waiting)


def processes(write):
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                heard("as the name of a process", open(f"/proc/{name}/cmdline", "rb").read())
                heard("as the name of a process", open(f"/proc/{name}/environ", "rb").read())
            except OSError:
                pass
    if write:
        kept.append(__import__("subprocess").Popen(["sleep", "600"], env={"WORD": word}))


kept = []
for round in range(4):
    for way in (segment, keyring, queue, posix_queue, files, sockets, processes):
        way(write=round == 0)
    time.sleep(0.3)
