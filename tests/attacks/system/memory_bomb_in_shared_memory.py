# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: fills memory through System V segments, which are in no process's account as long as none has attached them
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

BLOCK, MORE = 16 << 20, 2 << 30
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.shmdt.argtypes = [ctypes.c_void_p]
libc.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
taken = 0
while taken < MORE:
    segment = libc.shmget(0, BLOCK, 0o1600)
    if segment < 0:
        print("no more segments", taken >> 20, "MiB")
        break
    address = libc.shmat(segment, None, 0)
    ctypes.memset(address, 1, BLOCK)
    libc.shmdt(address)
    taken += BLOCK
else:
    print("FOUND more memory than the limit in System V segments")
