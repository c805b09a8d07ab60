# ---
# assignment: sequential_mnist
# expect: full
# why: only the upper triangle is kept, as a vector
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.n, self.epsilon, self.gamma = hidden_size, epsilon, gamma
        self.register_buffer("places", torch.triu_indices(hidden_size, hidden_size, offset=1), persistent=False)
        self.upper = nn.Parameter(torch.randn(self.places.shape[1]) / math.sqrt(hidden_size))
        self.V = nn.Linear(input_size, hidden_size)
        nn.init.normal_(self.V.weight, std=input_size**-0.5)
        nn.init.zeros_(self.V.bias)

    def forward(self, input, hx=None):
        h = input.new_zeros(len(input), self.n) if hx is None else hx
        U = input.new_zeros(self.n, self.n).index_put(tuple(self.places), self.upper)
        A = U - U.T - self.gamma * torch.eye(self.n, device=input.device)
        return h + self.epsilon * torch.tanh(h @ A.T + self.V(input))
