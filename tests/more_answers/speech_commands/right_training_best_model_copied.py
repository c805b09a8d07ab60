# ---
# assignment: speech_commands
# expect: full
# why: the best model itself is copied, accuracies come from numpy and the table is sorted
# ---
# %% training
from copy import deepcopy
from itertools import product


def np_accuracy(model, data):
    x, y = data
    with torch.no_grad():
        guess = model.eval()(torch.as_tensor(x, dtype=torch.float32)).numpy().argmax(axis=1)
    return float(np.mean(guess == np.asarray(y)))


def train_models(train, validation):
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    X = torch.as_tensor(train[0], dtype=torch.float32)
    Y = torch.as_tensor(train[1], dtype=torch.int64)
    best = {}
    for (name, make), mode in product({"RNN": RNNModel, "Bidir": BidirRecurrentModel}.items(), MODES):
        model = make(mode=mode, input_size=X.size(-1), hidden_size=HIDDEN_SIZE, num_layers=NUM_LAYERS,
                     bias=True, output_size=int(Y.max()) + 1)
        optim = torch.optim.Adam(model.parameters(), lr=0.003)
        candidates = []
        for _ in range(EPOCHS):
            order = rng.permutation(len(Y))
            model.train()
            for start in range(0, len(Y), 32):
                b = order[start:start + 32]
                loss = nn.functional.cross_entropy(model(X[b]), Y[b])
                optim.zero_grad()
                loss.backward()
                optim.step()
            score = np_accuracy(model, validation)
            if not candidates or score > candidates[0]:
                candidates = [score, deepcopy(model)]
        best[name, mode] = candidates
    table = pd.DataFrame([(n, m, s) for (n, m), (s, _) in best.items()], columns=["model", "mode", "val_accuracy"])
    table = table.sort_values("val_accuracy", ascending=False, ignore_index=True)
    return table, {key: net for key, (_, net) in best.items()}
