# ---
# assignment: char_rnn
# expect: full
# why: "the last character is read too, and what is foretold after it is left out"
# ---
# %% perplexity
def bits_per_character(model: nn.Module, ids: torch.Tensor, piece: int = 777) -> float:
    mode = model.training
    model.eval()
    device = next(model.parameters()).device
    loss = nn.NLLLoss(reduction="sum")
    total, foretold, state = 0.0, None, None
    with torch.no_grad():
        for chunk in torch.split(ids.to(device), piece):
            logits, state = model(chunk.unsqueeze(0), state)
            logp = F.log_softmax(logits.squeeze(0), dim=1)
            if foretold is not None:
                logp = torch.cat([foretold, logp])
                total += loss(logp[:-1], chunk).item()
            else:
                total += loss(logp[:-1], chunk[1:]).item() if len(chunk) > 1 else 0.0
            foretold = logp[-1:]
    model.train(mode)
    return total / ((len(ids) - 1) * math.log(2.0))
