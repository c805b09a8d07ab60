"""Examination of `pixel_sequences`: from images to sequences of single pixels.

The images are drawn, higher than wide or wider than high, so that rows and columns cannot be mixed up unseen. When the
values differ from what is right, those of well-known mistakes are computed, and the one that explains them is named.
"""

from collections.abc import Callable

import numpy as np

from autograder.channel import Candidate, Remote, kind_of
from autograder.examine import Context, Examination, Lost, Part

Array = np.ndarray

TOLERANCE = 1e-6
"""Largest difference of values in [0, 1]: float32 rounds them by 6e-8."""


def expected_sequences(images: Array, permutation: Array | None = None) -> Array:
    """What is right: float32 (n, height · width, 1)."""
    pixels = images.reshape(len(images), -1).astype(np.float32) / 255
    return (pixels if permutation is None else pixels[:, permutation])[:, :, None]


def _images(rng: np.random.Generator, n: int, height: int, width: int, largest: int = 255) -> Array:
    return rng.integers(0, largest + 1, size=(n, height, width)).astype(np.uint8)


def _call(images: Array, permuted: bool) -> str:
    return f"to_sequences(images{', permutation' if permuted else ''}) with images of shape {images.shape}"


def _sequences(candidate: Candidate, images: Array | Remote, permutation: Array | None, what: str) -> Array:
    """The candidate's sequences. Lost unless they are a tensor of numbers."""
    given = candidate.construct("to_sequences", images, *(() if permutation is None else (permutation,)))
    if given.kind == "ndarray":
        raise Lost(f"{what} should return a torch tensor, got a numpy array.")
    values = candidate.get(given)
    if given.kind != "Tensor" or not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        raise Lost(f"{what} should return a torch tensor, got {kind_of(given)}. Is there a return?")
    return values


def _shaped(candidate: Candidate, images: Array, permutation: Array | None = None) -> Array:
    """The candidate's sequences in the shape that is due."""
    what = _call(images, permutation is not None)
    values = _sequences(candidate, images, permutation, what)
    n, height, width = images.shape
    due = (n, height * width, 1)
    if values.shape != due:
        hints = {
            (n, height * width): " Each step has a feature axis, of one value.",
            (n, 1, height * width): " Steps come before features.",
            (height * width, n, 1): " The batch comes first, the steps second.",
            (n, height, width): " One step is one pixel here, not a row.",
            (n, height, width, 1): " One step is one pixel here: rows follow each other.",
            (height * width, 1): " Does a squeeze() drop the batch of one?",
        }
        raise Lost(f"{what} should have the shape {due}, got {values.shape}.{hints.get(values.shape, '')}")
    return values


def _shape_and_dtype(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for n, height, width in ((4, 3, 5), (3, 6, 2), (1, 4, 4)):
        images = _images(rng, n, height, width)
        for permutation in (None, rng.permutation(height * width)):
            values = _shaped(candidate, images, permutation)
            if values.dtype != np.float32:
                raise Lost(f"{_call(images, permutation is not None)} should give float32, got {values.dtype}: models "
                           "compute in float32.")  # fmt: skip


def _same(a: Array, b: Array) -> bool:
    numbers = all(array.dtype.kind in "biuf" for array in (a, b))
    return numbers and a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=TOLERANCE))


def _wrong_values(found: Array, images: Array) -> str:
    """What may be wrong with values that should be pixels in [0, 1], row by row, in words."""
    right = expected_sequences(images)
    n = len(images)
    numbers = images.astype(np.float64)
    flat = numbers.reshape(n, -1)

    def as_sequences(values: Array) -> Array:
        return values.reshape(n, -1, 1)

    mistakes: dict[str, Callable[[], Array]] = {
        "the pixels are not scaled: 0 to 255 should become 0 to 1": lambda: as_sequences(numbers),
        "the pixels are divided by the largest value of these images: the scale must not depend on the images, or the "
        "test set would be scaled otherwise than the training set": lambda: as_sequences(numbers / numbers.max()),
        "each image is divided by its own largest value": lambda: (flat / flat.max(1, keepdims=True))[:, :, None],
        "255 should become 1 exactly: are the pixels divided by 256?": lambda: as_sequences(numbers / 256),
        "the pixels are read column by column": lambda: right.reshape(images.shape).swapaxes(1, 2).reshape(right.shape),
        "the pixels are read backwards": lambda: right[:, ::-1],
        "black and white are exchanged": lambda: 1 - right,
        "the pixels lie in [-1, 1]; asked for is [0, 1]": lambda: 2 * right - 1,
    }
    for words, compute in mistakes.items():
        if _same(found, compute()):
            return words if words.endswith("?") else words + "."
    if abs(found.mean()) < 0.05 and abs(found.std() - 1) < 0.05:
        return ("they have mean 0 and standard deviation 1: statistics of these images must not be used, or the test "
                "set would be scaled by itself; asked for is a division by 255.")  # fmt: skip
    if _same(np.sort(found, axis=1), np.sort(right, axis=1)):
        return "the values are right, but not in the order of the pixels, row by row."
    return "expected are the pixels, row by row from the top left, divided by 255."


def _values(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    # Dark images: their largest value is no 255.
    for shape, largest in (((5, 4, 6), 255), ((3, 7, 3), 200), ((4, 5, 5), 255)):
        images = _images(rng, *shape, largest)
        images[0, 0, 0] = largest
        found = _shaped(candidate, images)
        if not _same(found, expected_sequences(images)):
            raise Lost(f"{_call(images, False)}: {_wrong_values(found, images)}")


def _wrong_order(found: Array, plain: Array, permutation: Array) -> str:
    """What may be wrong with permuted sequences, in words; plain: the candidate's own without permutation."""
    if _same(found, plain):
        return "the permutation has no effect. Is it used, and is the result returned?"
    if _same(found, plain[:, np.argsort(permutation)]):
        return "that is the inverse permutation: step t should show pixel number permutation[t]."
    if _same(np.sort(found, axis=1), np.sort(plain, axis=1)):
        if not np.allclose(found[0], found[1]):  # the two images are the same
            return "each image has an order of its own: the same permutation goes for all images."
        return "the pixels are in another order than the permutation's. Is the argument used, and not a new one drawn?"
    if _same(np.sort(found.ravel()), np.sort(plain.ravel())):
        return "pixels of different images are mixed, or the images are in another order."
    return "expected are the pixels of the sequences without permutation, in its order."


def _permutation(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    for shape in ((4, 5, 3), (3, 2, 7)):
        images = _images(rng, *shape)
        images[1] = images[0]
        steps = shape[1] * shape[2]
        permutation = rng.permutation(steps)
        while (permutation == np.argsort(permutation)).all():
            permutation = rng.permutation(steps)
        plain, found = _shaped(candidate, images), _shaped(candidate, images, permutation)
        as_list = candidate.get(candidate.construct("to_sequences", images, permutation.tolist()))
        # Wrong values cost elsewhere: here the order counts.
        if not _same(found, plain[:, permutation]):
            raise Lost(f"{_call(images, True)}: {_wrong_order(found, plain, permutation)}")
        if not isinstance(as_list, np.ndarray) or not _same(as_list, found):
            raise Lost(f"{_call(images, True)}: a list as permutation gives another result than an array.", earned=0.8)


def _each_by_itself(candidate: Candidate, rng: np.random.Generator, context: Context) -> None:
    images = _images(rng, 6, 4, 5)
    images[2] //= 3
    what = _call(images, False)
    # A view of the caller's images, such as reshape gives, may be written to when it comes to the order.
    for permutation in (rng.permutation(20), None):
        kept = candidate.put(images, arrays="numpy")
        asked = _call(images, permutation is not None)
        together = _sequences(candidate, kept, permutation, asked)
        if not np.array_equal(candidate.get(kept), images):
            raise Lost(f"{asked} changes the caller's images in place.")
    if together.shape[:1] != (len(images),):
        raise Lost(f"{what} should return one sequence for each image, got the shape {together.shape}.")
    for i in (2, 5):
        alone = _sequences(candidate, images[i : i + 1], None, what)
        if alone.shape[:1] != (1,) or not _same(alone[0], together[i]):
            raise Lost("to_sequences: an image alone gives another sequence than the same image among others. "
                       "Statistics of the other images must not be used.")  # fmt: skip
    if not _same(_sequences(candidate, images, None, what), together):
        raise Lost(f"{what}, called twice, gives two results.")


PIXEL_SEQUENCES = Examination(
    "pixel_sequences",
    (
        Part("a float32 tensor of shape (n, steps, 1)", 0.25, _shape_and_dtype),
        Part("pixels row by row, in [0, 1]", 0.3, _values),
        Part("one permutation for all images", 0.3, _permutation),
        Part("each image by itself, the argument unchanged", 0.15, _each_by_itself),
    ),
)
