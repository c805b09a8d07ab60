# ---
# assignment: speech_commands
# expect: full
# why: a layer per gate and operand; moments written out
# ---
# %% standardise
def standardise(features, eps=1e-6):
    mu = features.mean(dim=[0, 1], keepdim=True)
    centred = features - mu
    sigma = centred.pow(2).mean(dim=[0, 1], keepdim=True).sqrt()
    return centred / (sigma + eps)


# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super(LSTMCell, self).__init__()
        self.hidden_size = hidden_size
        self.W_xi = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hi = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.W_xf = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hf = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.W_xo = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_ho = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.W_xc = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hc = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            zeros = torch.zeros(input.shape[0], self.hidden_size, device=input.device)
            hx = zeros, zeros
        h_prev, c_prev = hx
        i_t = torch.sigmoid(self.W_xi(input) + self.W_hi(h_prev))
        f_t = torch.sigmoid(self.W_xf(input) + self.W_hf(h_prev))
        o_t = torch.sigmoid(self.W_xo(input) + self.W_ho(h_prev))
        c_t = f_t * c_prev + i_t * torch.tanh(self.W_xc(input) + self.W_hc(h_prev))
        return o_t * torch.tanh(c_t), c_t


# %% gru_cell
class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super(GRUCell, self).__init__()
        self.hidden_size = hidden_size
        self.W_xr = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hr = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.W_xz = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hz = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.W_xn = nn.Linear(input_size, hidden_size, bias=bias)
        self.W_hn = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(input.shape[0], self.hidden_size, device=input.device)
        r = torch.sigmoid(self.W_xr(input) + self.W_hr(hx))
        z = torch.sigmoid(self.W_xz(input) + self.W_hz(hx))
        n = torch.tanh(self.W_xn(input) + r * self.W_hn(hx))
        return (1 - z) * n + z * hx
