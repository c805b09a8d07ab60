# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: the permuted pixels are computed and thrown away
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1) / 255
    if permutation is not None:
        pixels[:, torch.as_tensor(permutation)]
    return pixels.unsqueeze(2)
