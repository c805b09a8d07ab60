# ---
# assignment: speech_commands
# expect: {lstm_cell: none}
# tries: lets a thousand entries share the same packed bytes, out of which comes a gigabyte
# evidence: 'not placed: .*(cannot be unpacked|more than 200 MB)'
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


# %% hand-in
import copy
import io
import zipfile

from hand_ins import NAME, as_bytes


def hand_in(notebook):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, as_bytes(notebook))
        archive.writestr("shared.txt", bytes(2**20))
        for number in range(1000):
            entry = copy.copy(archive.getinfo("shared.txt"))
            entry.filename = f"{number}.txt"
            archive.filelist.append(entry)
    return {"{student}.zip": stream.getvalue()}
