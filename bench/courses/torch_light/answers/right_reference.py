# ---
# assignment: speech_commands
# expect: full
# why: the reference's answers
# ---
