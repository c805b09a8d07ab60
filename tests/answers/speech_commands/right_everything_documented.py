# ---
# assignment: speech_commands
# expect: full
# why: all five exercises with type hints, checks of the arguments and messages on the way
# ---
# %% lstm_cell
from typing import Optional, Tuple

from torch import Tensor


class LSTMCell(nn.Module):
    """Long short-term memory.

        i = sigmoid(W_i x + b_i + U_i h)      f = sigmoid(W_f x + b_f + U_f h)
        g = tanh(W_g x + b_g + U_g h)         o = sigmoid(W_o x + b_o + U_o h)
        c' = f * c + i * g                    h' = o * tanh(c')
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        assert input_size > 0 and hidden_size > 0
        self.input_size: int = input_size
        self.hidden_size: int = hidden_size
        self.W = nn.ModuleDict({k: nn.Linear(input_size, hidden_size, bias=bias) for k in "ifgo"})
        self.U = nn.ModuleDict({k: nn.Linear(hidden_size, hidden_size, bias=False) for k in "ifgo"})
        # remember a lot at the beginning of training
        if bias:
            nn.init.ones_(self.W["f"].bias)

    def forward(self, input: Tensor, hx: Optional[Tuple[Tensor, Tensor]] = None) -> Tuple[Tensor, Tensor]:
        assert input.dim() == 2 and input.size(1) == self.input_size, f"input has shape {tuple(input.shape)}"
        if hx is None:
            hx = (input.new_zeros(input.size(0), self.hidden_size), input.new_zeros(input.size(0), self.hidden_size))
        h, c = hx
        assert h.shape == c.shape == (input.size(0), self.hidden_size)
        pre = {k: self.W[k](input) + self.U[k](h) for k in "ifgo"}
        i, f, o = (torch.sigmoid(pre[k]) for k in "ifo")
        c_new = f * c + i * torch.tanh(pre["g"])
        return o * torch.tanh(c_new), c_new

# %% gru_cell
class GRUCell(nn.Module):
    """Gated recurrent unit (Chung et al. 2014).

        r = sigmoid(W_r x + U_r h)            z = sigmoid(W_z x + U_z h)
        n = tanh(W x + U (r * h))             h' = (1 - z) * h + z * n
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.input_size: int = input_size
        self.hidden_size: int = hidden_size
        self.W = nn.ModuleDict({k: nn.Linear(input_size, hidden_size, bias=bias) for k in "rzn"})
        self.U = nn.ModuleDict({k: nn.Linear(hidden_size, hidden_size, bias=False) for k in "rzn"})

    def forward(self, input: Tensor, hx: Optional[Tensor] = None) -> Tensor:
        assert input.dim() == 2 and input.size(1) == self.input_size, f"input has shape {tuple(input.shape)}"
        h = input.new_zeros(input.size(0), self.hidden_size) if hx is None else hx
        r = torch.sigmoid(self.W["r"](input) + self.U["r"](h))
        z = torch.sigmoid(self.W["z"](input) + self.U["z"](h))
        n = torch.tanh(self.W["n"](input) + self.U["n"](r * h))
        return torch.mul(1 - z, h) + torch.mul(z, n)

# %% after gru_cell
# does it run?
print(LSTMCell(3, 5)(torch.randn(2, 3))[0].shape, GRUCell(3, 5)(torch.randn(2, 3)).shape)

# %% rnn_model
KNOWN_MODES = ("LSTM", "GRU", "RNN_TANH", "RNN_RELU")


class RNNModel(nn.Module):
    """num_layers cells on top of each other, a linear layer on the last hidden state."""

    def __init__(self, mode: str, input_size: int, hidden_size: int, num_layers: int, bias: bool, output_size: int) -> None:
        super().__init__()
        if mode not in KNOWN_MODES:
            raise ValueError(f"mode is {mode!r}, but must be one of {', '.join(KNOWN_MODES)}")
        self.mode = mode
        self.rnn_cell_list = nn.ModuleList()
        for layer in range(num_layers):
            layer_input = input_size if layer == 0 else hidden_size
            if mode == "LSTM":
                cell = LSTMCell(layer_input, hidden_size, bias)
            elif mode == "GRU":
                cell = GRUCell(layer_input, hidden_size, bias)
            else:
                cell = BasicRNNCell(layer_input, hidden_size, bias, nonlinearity=mode.split("_")[1].lower())
            self.rnn_cell_list.append(cell)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, input: Tensor, hx: Optional[list] = None) -> Tensor:
        batch, time, features = input.shape
        assert hx is None or len(hx) == len(self.rnn_cell_list), "one state per layer"
        state = dict()
        for layer in range(len(self.rnn_cell_list)):
            state[layer] = hx[layer] if hx is not None else None
        for t in range(time):
            below = input[:, t, :].reshape(batch, features)
            for layer, cell in enumerate(self.rnn_cell_list):
                state[layer] = cell(below, state[layer])
                below, *_ = state[layer] if self.mode == "LSTM" else (state[layer],)
        return self.fc(below)

# %% bidirectional_model
class BidirRecurrentModel(nn.Module):
    """One stack reads from left to right, another one from right to left."""

    def __init__(self, mode: str, input_size: int, hidden_size: int, num_layers: int, bias: bool, output_size: int) -> None:
        super().__init__()
        # two RNNModels know how to make their cells, only the cells are kept
        self.mode = mode
        self.rnn_cell_list = RNNModel(mode, input_size, hidden_size, num_layers, bias, output_size).rnn_cell_list
        self.rnn_cell_list_rev = RNNModel(mode, input_size, hidden_size, num_layers, bias, output_size).rnn_cell_list
        self.fc = nn.Linear(hidden_size + hidden_size, output_size)

    def _last(self, cells: nn.ModuleList, frames: list) -> Tensor:
        for cell in cells:
            state, outputs = None, []
            for frame in frames:
                state = cell(frame, state)
                outputs.append(state[0] if self.mode == "LSTM" else state)
            frames = outputs
        return frames[-1]

    def forward(self, input: Tensor) -> Tensor:
        frames = [input[:, t] for t in range(input.size(1))]
        left_to_right = self._last(self.rnn_cell_list, frames)
        right_to_left = self._last(self.rnn_cell_list_rev, list(reversed(frames)))
        return self.fc(torch.cat([left_to_right, right_to_left], dim=1))

# %% training
import copy


def accuracy(model: nn.Module, features: Tensor, labels: Tensor) -> float:
    """Share of right predictions in [0, 1], without dropout and gradients."""
    model.eval()
    with torch.no_grad():
        return (model(features).argmax(dim=1) == labels).float().mean().item()


def train_models(train, validation):
    features, labels = torch.as_tensor(train[0]).float(), torch.as_tensor(train[1]).long()
    val_features, val_labels = torch.as_tensor(validation[0]).float(), torch.as_tensor(validation[1]).long()
    n_classes = int(labels.max()) + 1
    results = pd.DataFrame(columns=["model", "mode", "val_accuracy"])
    models = {}
    for name in ("RNN", "Bidir"):
        for mode in MODES:
            torch.manual_seed(len(models))
            if name == "RNN":
                model = RNNModel(mode, features.size(2), HIDDEN_SIZE, NUM_LAYERS, True, n_classes)
            else:
                model = BidirRecurrentModel(mode, features.size(2), HIDDEN_SIZE, NUM_LAYERS, True, n_classes)
            optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
            best, best_epoch, best_state = -1.0, 0, None
            for epoch in range(1, EPOCHS + 1):
                model.train()
                for batch in torch.randperm(len(labels)).split(32):
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(model(features[batch]), labels[batch])
                    loss.backward()
                    optimizer.step()
                now = accuracy(model, val_features, val_labels)
                if now > best:
                    best, best_epoch, best_state = now, epoch, copy.deepcopy(model.state_dict())
            model.load_state_dict(best_state)
            print(f"{name:5} {mode:8} best epoch {best_epoch}, validation accuracy {best:.1%}")
            results.loc[len(results)] = [name, mode, best]
            models[name, mode] = model
    return results, models
