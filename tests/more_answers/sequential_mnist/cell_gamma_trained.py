# ---
# assignment: sequential_mnist
# expect: {antisymmetric_cell: lost}
# why: gamma is a parameter
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.epsilon = epsilon
        self.gamma = nn.Parameter(torch.tensor(float(gamma)))
        self.W = nn.Parameter(torch.randn(hidden_size, hidden_size) / hidden_size**0.5)
        self.V = nn.Linear(input_size, hidden_size)

    def forward(self, input, hx=None):
        h = input.new_zeros(len(input), len(self.W)) if hx is None else hx
        return h + self.epsilon * torch.tanh(h @ (self.W - self.W.T).T - self.gamma * h + self.V(input))
