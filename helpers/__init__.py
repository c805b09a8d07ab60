"""What a notebook imports: start, data, device, seeding, training, results, plots."""

__version__ = "0.1.0"
