# ---
# assignment: sequential_mnist
# expect: full
# why: gamma times the identity matrix is a parameter without gradient
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.eps = epsilon
        self.gI = nn.Parameter(gamma * torch.eye(hidden_size), requires_grad=False)
        self.W = nn.Parameter(torch.randn(hidden_size, hidden_size) / hidden_size**0.5)
        self.V = nn.Linear(input_size, hidden_size, bias=False)
        self.b = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, input, hx=None):
        h = input.new_zeros(len(input), len(self.W)) if hx is None else hx
        A = self.W - self.W.T - self.gI
        return h + self.eps * torch.tanh((A @ h.T).T + self.V(input) + self.b)
