# ---
# assignment: sequential_mnist
# expect: full
# why: only the upper triangle is kept, as a vector; epsilon and gamma are buffers
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.hidden_size = hidden_size
        self.register_buffer("epsilon", torch.tensor(epsilon))
        self.register_buffer("gamma", torch.tensor(gamma))
        self.upper = nn.Parameter(torch.randn(hidden_size * (hidden_size - 1) // 2) / max(hidden_size, 1) ** 0.5)
        self.input_map = nn.Linear(input_size, hidden_size)

    def forward(self, input, hx=None):
        h = torch.zeros(input.shape[0], self.hidden_size, dtype=input.dtype) if hx is None else hx
        rows, columns = torch.triu_indices(self.hidden_size, self.hidden_size, offset=1)
        matrix = torch.zeros(self.hidden_size, self.hidden_size).index_put((rows, columns), self.upper)
        matrix = matrix - matrix.T
        return h + self.epsilon * torch.tanh(torch.einsum("ij,bj->bi", matrix, h) - self.gamma * h + self.input_map(input))
