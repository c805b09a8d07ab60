# ---
# assignment: sequential_mnist
# expect: full
# why: a training loop of one's own, with RMSprop and a DataLoader that drops the last batch
# ---
# %% model_selection
from torch.utils.data import DataLoader, TensorDataset


def fit_by_hand(model, data, setting):
    loader = DataLoader(TensorDataset(*data), batch_size=setting["batch_size"], shuffle=True, drop_last=True)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=setting["learning_rate"])
    model.train()
    for _ in range(setting["epochs"]):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x.to(device)), y.to(device)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    model.eval()


def select(kind, train, validation):
    table = []
    for number, chosen_now in enumerate(grid(**SEARCH_SPACE[kind])):
        full = DEFAULTS | chosen_now
        torch.manual_seed(number)
        model = build_model(kind, full["hidden_size"], full["num_layers"], N_CLASSES).to(device)
        fit_by_hand(model, train, full)
        with torch.no_grad():
            answers = model(validation[0].to(device)).argmax(1).cpu()
        table.append(chosen_now | {"val": (answers == validation[1]).float().mean().item()})
    best = pd.DataFrame(table)["val"].idxmax()
    return {name: value for name, value in table[best].items() if name != "val"}
