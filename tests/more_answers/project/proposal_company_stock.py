# ---
# assignment: project
# expect: {proposal: lost}
# why: "one company's stock prices"
# ---
# %% proposal
PROPOSAL = {
    "team": [STUDENT_ID],
    "dataset_name": "Apple stock prices (AAPL), daily",
    "dataset_url": "https://finance.yahoo.com/quote/AAPL/history",
    "task": "regression",
    "why": "The price of tomorrow is to be said from those of the last sixty days. The last value is a strong baseline "
    "with an R2 of 0.98, and returns are nearly unpredictable, so we want to see whether an LSTM finds something in "
    "the order of earlier days that helps.",
}
