# ---
# assignment: sequential_mnist
# expect: {antisymmetric_cell: lost}
# why: the old state is detached
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.epsilon, self.gamma = epsilon, gamma
        self.W = nn.Parameter(torch.randn(hidden_size, hidden_size) / hidden_size**0.5)
        self.V = nn.Parameter(torch.randn(hidden_size, input_size) / input_size**0.5)
        self.b = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, input, hx=None):
        h = input.new_zeros(len(input), len(self.b)) if hx is None else hx.detach()
        u = h @ (self.W - self.W.T - self.gamma * torch.eye(len(self.b))).T + input @ self.V.T + self.b
        return h + self.epsilon * torch.tanh(u)
