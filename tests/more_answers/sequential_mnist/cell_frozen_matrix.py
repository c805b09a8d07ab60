# ---
# assignment: sequential_mnist
# expect: {antisymmetric_cell: lost}
# why: the antisymmetric matrix is made once, and never trained
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.epsilon, self.gamma, self.hidden_size = epsilon, gamma, hidden_size
        w = torch.randn(hidden_size, hidden_size) / hidden_size**0.5
        self.register_buffer("matrix", w - w.T)
        self.x2h = nn.Linear(input_size, hidden_size)

    def forward(self, input, hx=None):
        h = input.new_zeros(len(input), self.hidden_size) if hx is None else hx
        return h + self.epsilon * torch.tanh(h @ self.matrix.T - self.gamma * h + self.x2h(input))
