# ---
# assignment: theory
# expect: full
# why: "established names that are less usual, a time as a product"
# ---
# %% advanced
q5_1, q5_4, q5_6 = "B", "C", "C"
q5_2 = "the technique of teacher forcing"
q5_3 = "C > B > E > D > A"
q5_5 = "B and D and E"
q5_7 = "MPI_Allreduce with MPI_SUM"
q5_8 = "500 * 0.05 s"
q5_9 = "1 --> B; 2 --> D; 3 --> E; 4 --> C; 5 --> A"
q5_10 = "Hillis–Steele"
