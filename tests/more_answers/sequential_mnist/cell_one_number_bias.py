# ---
# assignment: sequential_mnist
# expect: {antisymmetric_cell: lost}
# why: b is one number for all units
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.epsilon, self.gamma = epsilon, gamma
        self.W = nn.Parameter(torch.randn(hidden_size, hidden_size) / hidden_size**0.5)
        self.V = nn.Linear(input_size, hidden_size, bias=False)
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, input, hx=None):
        h = input.new_zeros(len(input), len(self.W)) if hx is None else hx
        return h + self.epsilon * torch.tanh(h @ (self.W - self.W.T).T - self.gamma * h + self.V(input) + self.b)
