# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: scaled to -1 to 1
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1)
    pixels = pixels / 127.5 - 1
    if permutation is not None:
        pixels = pixels[:, torch.as_tensor(permutation)]
    return pixels.unsqueeze(2)
