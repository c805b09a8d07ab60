# ---
# assignment: sequential_mnist
# expect: {antisymmetric_cell: lost}
# why: built on a layer of the library
# ---
# %% antisymmetric_cell
class AntisymmetricRNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, epsilon, gamma):
        super().__init__()
        self.cell = nn.RNNCell(input_size, hidden_size)
        self.epsilon, self.gamma = epsilon, gamma

    def forward(self, input, hx=None):
        h = torch.zeros(len(input), self.cell.hidden_size) if hx is None else hx
        return h + self.epsilon * self.cell(input, h)
