# ---
# assignment: surnames
# expect: full
# why: "pandas explode"
# ---
# %% alphabet
def build_alphabet(names):
    return pd.Series([list(n) for n in names]).explode().dropna().drop_duplicates().sort_values().tolist()
