# ---
# assignment: theory
# expect: full
# why: layers of torch without their second bias vectors; a float that is whole
# ---
# %% parameter_count
import torch

layers = [torch.nn.RNN(30, 32), torch.nn.RNN(32, 64), torch.nn.Linear(64, 10)]
N_PARAMETERS = float(sum(p.numel() for layer in layers for p in layer.parameters()) - 32 - 64)
