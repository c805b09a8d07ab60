# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: 'hands in ipykernel_launcher.py, zmq.py, json.py, socket.py and sitecustomize.py, which would stand in for the kernel''s'
# evidence: would be run by Python|would hide the module
# ---
# `python -m ipykernel_launcher` in the hand-in's folder runs the student's; a kernel that does not start looks like the machine's failure.
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
# %% file ipykernel_launcher.py
raise SystemExit('forged: imported from the hand-in')
# %% file ipykernel.py
raise SystemExit('forged: imported from the hand-in')
# %% file zmq.py
raise SystemExit('forged: imported from the hand-in')
# %% file json.py
raise SystemExit('forged: imported from the hand-in')
# %% file socket.py
raise SystemExit('forged: imported from the hand-in')
# %% file traitlets.py
raise SystemExit('forged: imported from the hand-in')
# %% file sitecustomize.py
raise SystemExit('forged: imported from the hand-in')
# %% file usercustomize.py
raise SystemExit('forged: imported from the hand-in')
# %% file ipython_config.py
raise SystemExit('forged: imported from the hand-in')
# %% file startup/00-forged.py
raise SystemExit('forged: imported from the hand-in')
# %% file profile_default/startup/00-forged.py
raise SystemExit('forged: imported from the hand-in')
