# ---
# assignment: surnames
# expect: full
# why: "a subclassed model that holds a vote of two, with balanced weights"
# ---
# %% class_imbalance
class Vote(keras.Model):
    def __init__(self, members):
        super().__init__()
        self.members = members

    def call(self, inputs, training=False):
        return sum(m(inputs, training=training) for m in self.members) / len(self.members)

def train_balanced(train, validation):
    x, y = train
    n_classes = int(y.max()) + 1
    counts = np.bincount(y, minlength=n_classes)
    weights = {c: len(y) / (n_classes * max(1, k)) for c, k in enumerate(counts.tolist())}
    members = []
    for _ in range(2):
        m = build_rnn_classifier(x.shape[1:], n_classes, 32)
        m.fit(x, y, epochs=15, batch_size=32, class_weight=weights, verbose=0)
        members.append(m)
    return Vote(members)
