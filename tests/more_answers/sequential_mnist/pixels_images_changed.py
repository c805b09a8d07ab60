# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: the caller's images are changed in place
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    dark = images.reshape(len(images), -1)
    dark[dark < 30] = 0
    dark[dark >= 30] = dark[dark >= 30]
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1) / 255
    if permutation is not None:
        pixels = pixels[:, torch.as_tensor(permutation)]
    return pixels.unsqueeze(2)
