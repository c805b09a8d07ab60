# ---
# assignment: keras_sequences
# expect: full
# why: the reference's answers
# ---
