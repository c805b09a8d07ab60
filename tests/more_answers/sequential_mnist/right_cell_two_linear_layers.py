# ---
# assignment: sequential_mnist
# expect: full
# why: two linear layers, both with a bias; W transposed the other way round
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.hidden_size, self.epsilon, self.gamma = hidden_size, epsilon, gamma
        self.h2h = nn.Linear(hidden_size, hidden_size)
        self.x2h = nn.Linear(input_size, hidden_size)

    def forward(self, input, hx=None):
        if hx is None:
            hx = torch.zeros(len(input), self.hidden_size)
        turned = self.h2h(hx) - hx @ self.h2h.weight
        return torch.add(hx, torch.tanh(turned + self.x2h(input) - hx * self.gamma), alpha=self.epsilon)
