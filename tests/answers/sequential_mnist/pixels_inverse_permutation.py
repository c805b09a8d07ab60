# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: pixel t goes to place permutation[t], which is the inverse
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1) / 255
    if permutation is not None:
        permuted = torch.empty_like(pixels)
        permuted[:, torch.as_tensor(permutation)] = pixels
        pixels = permuted
    return pixels.unsqueeze(2)
