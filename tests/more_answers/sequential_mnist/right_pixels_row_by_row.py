# ---
# assignment: sequential_mnist
# expect: full
# why: rows laid side by side in a loop, the permutation a step at a time
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    rows = [torch.as_tensor(images[:, i]).float() / 255 for i in range(images.shape[1])]
    pixels = torch.cat(rows, dim=1)
    if permutation is None:
        return pixels.unsqueeze(-1)
    return torch.stack([pixels[:, int(place)] for place in permutation], dim=1).unsqueeze(-1)
