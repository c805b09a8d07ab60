# ---
# assignment: speech_commands
# expect: full
# why: weights of shape (gate, hidden, input) combined by einsum
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        s = hidden_size ** -0.5
        # first axis: i, f, g, o
        self.W = nn.Parameter(torch.randn(4, hidden_size, input_size) * s)
        self.U = nn.Parameter(torch.randn(4, hidden_size, hidden_size) * s)
        self.b = nn.Parameter(torch.zeros(4, 1, hidden_size)) if bias else None

    def forward(self, input, hx=None):
        B = input.size(0)
        h, c = hx if hx is not None else (input.new_zeros(B, self.hidden_size),) * 2
        z = torch.einsum("khi,bi->kbh", self.W, input) + torch.einsum("khj,bj->kbh", self.U, h)
        if self.b is not None:
            z = z + self.b
        i, f, o = z[0].sigmoid(), z[1].sigmoid(), z[3].sigmoid()
        cy = f * c + i * z[2].tanh()
        hy = o * cy.tanh()
        return hy, cy
