# ---
# assignment: speech_commands
# expect: {lstm_cell: lost}
# tries: comes with scripts in outputs, attachments, names and texts, for whoever looks at it
# evidence: examiner's verdict|script|new cell state does not depend on c
# ---
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


# %% hand-in
from hand_ins import as_bytes, opened
from nbformat.v4 import new_markdown_cell, new_output


def hand_in(notebook):
    changed = opened(notebook)
    script = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    picture = "<svg xmlns='http://www.w3.org/2000/svg' onload=\"document.title = 'taken'\"/>"
    shown = {"text/html": script, "application/javascript": "document.title = 'taken'", "image/svg+xml": picture}
    for cell in changed.cells:
        cell.outputs = [new_output("display_data", {**shown, "text/latex": script, "text/markdown": script})]
    text = new_markdown_cell(f"{script}\n[link](javascript:document.title='taken')\n![](attachment:x.svg)\n{picture}")
    text.attachments = {f"x.svg{script}": {"image/svg+xml": picture, "text/html": script}}
    changed.cells.append(text)
    changed.metadata.title, changed.metadata.authors = script, [{"name": script}]
    return as_bytes(changed)
