# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: each image is divided by its own maximum
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1)
    pixels = pixels / pixels.max(dim=1, keepdim=True).values.clamp(min=1)
    if permutation is not None:
        pixels = pixels[:, torch.as_tensor(permutation)]
    return pixels.unsqueeze(2)
