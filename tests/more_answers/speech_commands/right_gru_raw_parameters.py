# ---
# assignment: speech_commands
# expect: full
# why: nine raw parameters without a bias on the hidden side
# ---
# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size

        def init(*shape):
            return nn.Parameter(torch.randn(*shape) * 0.1)

        self.W_z, self.U_z = init(input_size, hidden_size), init(hidden_size, hidden_size)
        self.W_r, self.U_r = init(input_size, hidden_size), init(hidden_size, hidden_size)
        self.W_h, self.U_h = init(input_size, hidden_size), init(hidden_size, hidden_size)
        if bias:
            self.b_z = nn.Parameter(torch.zeros(hidden_size))
            self.b_r = nn.Parameter(torch.zeros(hidden_size))
            self.b_h = nn.Parameter(torch.zeros(hidden_size))
        else:
            self.b_z = self.b_r = self.b_h = 0.0

    def forward(self, input, hx=None):
        h = hx if hx is not None else torch.zeros(input.size(0), self.hidden_size, device=input.device)
        z = torch.sigmoid(torch.mm(input, self.W_z) + torch.mm(h, self.U_z) + self.b_z)
        r = torch.sigmoid(torch.mm(input, self.W_r) + torch.mm(h, self.U_r) + self.b_r)
        h_hat = torch.tanh(torch.mm(input, self.W_h) + torch.mm(r * h, self.U_h) + self.b_h)
        return (1 - z) * h + z * h_hat
