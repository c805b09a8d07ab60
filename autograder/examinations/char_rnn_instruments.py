"""What the examiner of `char_rnn` defines in the candidate: a vocabulary, models of known logits, a model that takes
notes while it is trained. It is sent as text, knows no expected value and judges nothing.

The models take and give what the exercise `char_rnn_model` asks for: ids (batch, time) and the state of the call
before, or None; logits (batch, time, vocabulary) and the new state.
"""

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook


def _examined_kind(function, *arguments):
    """The name of the class of what a function returns."""
    kind = type(function(*arguments))
    return "Tensor" if issubclass(kind, torch.Tensor) else f"{kind.__module__}.{kind.__name__}"


def _examined_error(function, *arguments):
    """The exception that a function raises, with the names of the classes it is one of; None where it raises none."""
    try:
        function(*arguments)
    except Exception as error:
        return {"kinds": [kind.__name__ for kind in type(error).__mro__], "message": str(error)[:2000]}
    return None


def _examined_generator(seed, drawn=0):
    """A generator with this seed, from which some numbers were drawn already."""
    generator = torch.Generator().manual_seed(seed)
    torch.rand(drawn, generator=generator)
    return generator


def _examined_global_seed(seed):
    torch.manual_seed(seed)


class _ExaminedVocabulary:
    """The characters of a text, numbered in its order."""

    def __init__(self, characters):
        self._characters = characters

    def __len__(self):
        return len(self._characters)

    def encode(self, text):
        unknown = [character for character in text if character not in self._characters]
        if unknown:
            raise ValueError(f"unknown character {unknown[0]!r}")
        return torch.tensor([self._characters.index(character) for character in text], dtype=torch.long)

    def decode(self, ids):
        return "".join(self._characters[int(i)] for i in torch.as_tensor(ids).flatten())


class _ExaminedModel(nn.Module):
    """Logits by a running total of all characters read so far: what counts is the whole text before.

    table: logits float32 (totals, vocabulary); steps: whole numbers (vocabulary,): by how much a character moves the
    total on, modulo the number of totals. pair: the state is a pair of tensors, as an LSTM's is.
    """

    def __init__(self, table, steps, pair):
        super().__init__()
        self.table = nn.Parameter(torch.as_tensor(table))
        self.register_buffer("steps", torch.as_tensor(steps))
        self.pair = pair

    def forward(self, ids, state=None):
        if ids.dim() == 1:  # torch's layers take one sequence without its batch, too
            logits, state = self.forward(ids[None], state)
            return logits[0], state
        before = 0 if state is None else (state[0] if self.pair else state)[-1, :, :1].round().long()
        totals = (before + self.steps[ids].cumsum(dim=1)) % len(self.table)
        new = totals[:, -1:].float()[None]  # (layers, batch, hidden) = (1, batch, 1)
        return self.table[totals], ((new, torch.zeros_like(new)) if self.pair else new)


class _Noted(torch.autograd.Function):
    """The identity. On the way back it notes that this call was trained on, and sends `spike` to the spare weights."""

    @staticmethod
    def forward(context, values, spare, note, model):
        context.note, context.model = note, model
        return values.clone()

    @staticmethod
    def backward(context, gradient):
        gradient_before = context.model.weight.grad
        context.note["trained"] = True
        if gradient_before is not None and gradient_before.any():
            context.model.left = (context.note, gradient_before, gradient_before.clone())
        spike = context.model.SPIKE if context.note["number"] % 10 == 1 else 0.0
        return gradient, torch.full_like(context.model.spare, spike), None, None


class _ExaminedTraining(nn.Module):
    """A model that learns fast which character follows a pair of characters, and takes notes of how it is trained.

    Its state holds the last character of each row, the number of the call that it comes from, and the row. calls: for
    each call with gradients its ids, the number of the call that its state came from (-1 without), whether the rows
    were in their order, whether that state carried a gradient, whether the call was trained on, and whether there was a
    gradient left from before then to which that of this call was added. norms: the norm of the gradient at each step of
    an optimizer of torch's. Every tenth call has a gradient that is far too large, as happens with long texts: that of
    spare weights, which the logits do not depend on, so that this alone spoils nothing.
    """

    SCALE = 30.0  # of logits to weights: what an optimizer moves in a few dozen steps is then enough
    LARGEST = 2.5  # logit: so that long training on a short text does no harm
    SPIKE = 1e5
    MOST = 400  # calls and steps that are noted

    def __init__(self, vocab_size, pair):
        super().__init__()
        self.vocab_size, self.pair = vocab_size, pair
        # The row vocab_size * vocab_size + x is for a character x at the beginning of the text.
        self.weight = nn.Parameter(torch.zeros(vocab_size * (vocab_size + 1), vocab_size))
        self.spare = nn.Parameter(torch.zeros(100))
        self.calls, self.norms, self.n_calls, self.left = [], [], 0, None

    def forward(self, ids, state=None):
        if ids.dim() == 1:
            logits, state = self.forward(ids[None], state)
            return logits[0], state
        came = (state[0] if self.pair else state) if state is not None else None
        if came is not None and came.shape != (1, len(ids), 3):
            raise ValueError(f"the state should be as the model gave it, (1, {len(ids)}, 3), not {tuple(came.shape)}")
        first = torch.full_like(ids[:, :1], self.vocab_size) if came is None else came[0, :, :1].round().long()
        pairs = torch.cat([first, ids[:, :-1]], dim=1) * self.vocab_size + ids
        scores = self.SCALE * nn.functional.embedding(pairs, self.weight)
        logits = self.LARGEST * torch.tanh(scores / self.LARGEST)
        number, rows = -1, torch.arange(len(ids))
        if torch.is_grad_enabled():
            number, self.n_calls = self.n_calls, self.n_calls + 1
            note = {"number": number, "ids": ids.detach().clone(), "trained": False, "left": False}
            note["from"] = -1 if came is None else int(came[0, 0, 1].round())
            note["in_order"] = came is None or torch.equal(came[0, :, 2].round().long(), rows)
            note["gradient"] = any(part.requires_grad for part in _parts(state))
            if number < self.MOST:
                self.calls.append(note)
            logits = _Noted.apply(logits, self.spare, note, self)
        new = torch.stack([ids[:, -1], torch.full_like(rows, number), rows], dim=-1).float()[None]
        new = new + 0 * self.spare.sum()  # it depends on the parameters, as every model's state does
        return logits, (new, new.clone()) if self.pair else new


def _parts(state):
    """The tensors of a state."""
    return () if state is None else tuple(state) if isinstance(state, tuple | list) else (state,)


def _examined_run(vocab_size, pair, train_ids, validation_ids):
    """Train such a model by the notebook's function; what it returned, the model, and the notes."""
    model = _ExaminedTraining(vocab_size, pair)
    own = {id(parameter) for parameter in model.parameters()}

    def before_step(optimizer, *_):
        if model.left is not None:  # a gradient that is put in the place of the old one leaves that one alone
            note, gradient, before = model.left
            note["left"], model.left = not torch.equal(gradient, before), None
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if id(p) in own]
        if len(model.norms) < model.MOST and all(gradient is not None for gradient in gradients):
            model.norms.append(float(sum(gradient.double().pow(2).sum() for gradient in gradients) ** 0.5))

    hook = register_optimizer_step_pre_hook(before_step)
    try:
        with torch.enable_grad():
            table = train_char_rnn(model, train_ids, validation_ids)  # noqa: F821
    finally:
        hook.remove()
    return {"table": table, "model": model, "calls": model.calls, "norms": model.norms}
