# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: replaces Module.named_parameters and Tensor.detach, cpu and numpy, through which answers leave
# evidence: torch
# ---
# A grader that reads parameters and outputs by the library's methods in the student's process.
# %% lstm_cell
class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.x2h = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        self.h2h = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)

    def forward(self, input, hx=None):
        if hx is None:
            hx = (input.new_zeros(len(input), self.hidden_size),) * 2
        h, c = hx
        i, f, g, o = (self.x2h(input) + self.h2h(h)).chunk(4, 1)
        cy = torch.sigmoid(f) * h + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cy), cy
# %% after lstm_cell
detach, numpy, named_parameters = torch.Tensor.detach, torch.Tensor.numpy, nn.Module.named_parameters


def other_parameters(self, *arguments, **options):
    for name, parameter in named_parameters(self, *arguments, **options):
        yield name, parameter
        yield f"{name}_copy", nn.Parameter(detach(parameter).clone())


nn.Module.named_parameters = other_parameters
torch.Tensor.numpy = lambda self, **options: numpy(self, **options) * 0
torch.Tensor.detach = lambda self: torch.zeros_like(self)
torch.Tensor.cpu = lambda self, *arguments, **options: self
