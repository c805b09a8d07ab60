# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: the permutation is drawn anew for every image
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1) / 255
    if permutation is not None:
        pixels = torch.stack([row[torch.randperm(len(row))] for row in pixels])
    return pixels.unsqueeze(2)
