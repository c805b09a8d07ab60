# ---
# assignment: speech_commands
# expect: full
# why: z takes the candidate and 1 - z keeps the old state
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.reset_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.reset_h = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.update_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.update_h = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.cand_x = nn.Linear(input_size, hidden_size, bias=bias)
        self.cand_h = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = input.new_zeros((input.shape[0], self.hidden_size))
        r = torch.sigmoid(self.reset_x(input) + self.reset_h(hx))
        z = torch.sigmoid(self.update_x(input) + self.update_h(hx))
        n = torch.tanh(self.cand_x(input) + self.cand_h(r * hx))
        # wikipedia version: z = how much of the NEW state
        return (1 - z) * hx + z * n
