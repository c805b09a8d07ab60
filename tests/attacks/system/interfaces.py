# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: looks for a network interface, route or name server beyond a loopback of its own
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
import os
import socket

for number, name in socket.if_nameindex():
    if name != "lo":
        print("FOUND interface", number, name)
for path in ("/proc/net/dev", "/proc/self/net/dev", "/proc/1/net/dev"):
    try:
        for line in open(path).read().splitlines()[2:]:
            name, _, counts = line.partition(":")
            if name.strip() != "lo":
                print("FOUND interface", name.strip(), "in", path)
    except OSError:
        pass
if os.path.exists("/sys/class/net"):
    print(*("FOUND in /sys " + name for name in os.listdir("/sys/class/net") if name != "lo"), sep="\n")
for path in ("/proc/net/route", "/proc/net/ipv6_route", "/proc/net/arp", "/proc/net/rt_cache"):
    try:
        for line in open(path).read().splitlines():
            # The own loopback may be named; "Iface" and "IP address" begin the titles.
            if line.strip() and not line.startswith(("Iface", "IP address")) and not line.rstrip().endswith("lo"):
                print("FOUND route", line)
    except OSError:
        pass
for path in ("/etc/resolv.conf", "/run/systemd/resolve/stub-resolv.conf", "/run/nscd/socket", "/etc/hosts"):
    if os.path.exists(path):
        print("FOUND", path)
