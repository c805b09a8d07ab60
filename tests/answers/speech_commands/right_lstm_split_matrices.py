# ---
# assignment: speech_commands
# expect: full
# why: eight separate layers, one per gate and operand, each with its own bias
# ---
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super(LSTMCell, self).__init__()
        self.hidden_size = hidden_size
        # input gate
        self.W_xi = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hi = nn.Linear(hidden_size, hidden_size, bias=bias)
        # forget gate
        self.W_xf = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hf = nn.Linear(hidden_size, hidden_size, bias=bias)
        # output gate
        self.W_xo = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_ho = nn.Linear(hidden_size, hidden_size, bias=bias)
        # candidate
        self.W_xc = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hc = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            h_prev = torch.zeros(input.shape[0], self.hidden_size, device=input.device)
            c_prev = torch.zeros(input.shape[0], self.hidden_size, device=input.device)
        else:
            h_prev, c_prev = hx
        i_t = torch.sigmoid(self.W_xi(input) + self.W_hi(h_prev))
        f_t = torch.sigmoid(self.W_xf(input) + self.W_hf(h_prev))
        o_t = torch.sigmoid(self.W_xo(input) + self.W_ho(h_prev))
        c_tilde = torch.tanh(self.W_xc(input) + self.W_hc(h_prev))
        c_t = f_t * c_prev + i_t * c_tilde
        h_t = o_t * torch.tanh(c_t)
        return (h_t, c_t)
