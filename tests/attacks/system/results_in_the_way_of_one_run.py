# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: hands in results/sweep/8-seed0-04ed04.json/in_the_way as a file, where runs found in the notebook are written
# evidence: was left out
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
import io
import json
import zipfile

RUN = {"format": 1, "exercise": "sweep", "setting": {"units": 8}, "seed": 0, "metrics": {"val_accuracy": 0.5}}
RUN |= {"environment": {}, "data": {}, "history": {}, "weights": None}


def hand_in(notebook):
    data = {"application/vnd.coursework.run+json": RUN}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("speech_commands.ipynb", json.dumps(notebook))
        members.writestr("results/sweep/8-seed0-04ed04.json/in_the_way", "in the way")
    return {"{student}.zip": archive.getvalue()}
