# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: changes the machine's clock, name, limits, modules and settings, and reads the kernel's log and memory
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
import resource
import time

libc = ctypes.CDLL(None, use_errno=True)
try:
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    print("FOUND that the clock can be set")
except OSError:
    pass
for call, arguments in {
    "sethostname": (b"mine", 4),
    "setdomainname": (b"mine", 4),
    "swapoff": (b"/swap",),
    "acct": (None,),
    "iopl": (3,),
    "vhangup": (),
}.items():
    if getattr(libc, call)(*arguments) == 0:
        print("FOUND that it can", call)
if libc.syscall(313, 0, b"", 0) == 0 or libc.syscall(175, 0, 0, b"") == 0:  # finit_module, init_module
    print("FOUND that a module can be loaded")
for name in ("RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_CORE"):
    soft, hard = resource.getrlimit(getattr(resource, name))
    if hard == resource.RLIM_INFINITY:
        print("FOUND no limit", name)
        continue
    try:
        resource.setrlimit(getattr(resource, name), (hard, hard + 1))
        print("FOUND that a limit can be raised", name)
    except (OSError, ValueError):
        pass
try:
    os.setpriority(os.PRIO_PROCESS, 0, -5)
    print("FOUND that it can come before others")
except OSError:
    pass
settings = ["/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/self/oom_adj"]
settings += ["/proc/sys/kernel/modprobe", "/proc/sys/vm/drop_caches", "/proc/sys/user/max_user_namespaces", "/dev/kmsg"]
settings += ["/sys/kernel/uevent_helper", "/proc/acpi/wakeup", "/dev/mem", "/dev/vda"]
settings += ["/proc/sys/kernel/shmmax", "/proc/sys/kernel/shmall", "/proc/sys/fs/mqueue/queues_max"]
for path in settings:
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("FOUND that it can write", path) if "oom_adj" not in path else None
    except OSError:
        pass
for path in ("/proc/kcore", "/dev/mem", "/dev/kmsg", "/proc/kmsg", "/proc/kpagecount", "/dev/vda", "/dev/kvm"):
    try:
        os.close(os.open(path, os.O_RDONLY))
        print("FOUND that it can read", path)
    except OSError:
        pass
log = ctypes.create_string_buffer(4096)
if libc.klogctl(3, log, 4096) > 0:
    print("FOUND the kernel's log", log.value[:40])
for name, number, arguments in (
    ("bpf", 321, (0, 0, 0)),
    ("perf_event_open", 298, (0, 0, -1, -1, 0)),
    ("userfaultfd", 323, (0,)),
    ("open_by_handle_at", 304, (-100, b"", 0)),
    ("kexec_load", 246, (0, 0, 0, 0)),
):
    if libc.syscall(number, *arguments) >= 0:
        print("FOUND that it can", name)
