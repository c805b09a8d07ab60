# ---
# assignment: project
# expect: full
# why: two ids, one of them a number, in a tuple; the address begins with http and has a query
# ---
# %% proposal
PROPOSAL = {
    "team": (STUDENT_ID, 7654321),
    "dataset_name": "Beijing Multi-Site Air Quality",
    "dataset_url": "http://archive.ics.uci.edu/dataset/501/beijing+multi+site+air+quality+data?utm_source=course",
    "task": "regression",
    "why": """Twelve stations give hourly readings of six pollutants and of the weather for four years, with gaps. What a
    station measures tomorrow follows from wind at the others today, and the yearly rhythm hides behind the daily one; the
    last value is a good forecast for one hour, and a poor one for a day, which is what we ask for.""",
}
