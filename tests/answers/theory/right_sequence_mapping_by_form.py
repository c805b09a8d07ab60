# ---
# assignment: theory
# expect: full
# why: the dictionary is computed from the tasks of each form, in another order
# ---
# %% sequence_mapping
TASKS_OF = {
    "many-to-many unaligned": ["summary", "translation"],
    "many-to-many aligned": ["video_frames", "part_of_speech"],
    "one-to-one": ["house_price", "digit_image"],
    "many-to-one": ["activity_window", "review_sentiment"],
    "one-to-many": ["melody_of_genre", "image_caption"],
}
MAPPING = {task: form for form, tasks in TASKS_OF.items() for task in tasks}
