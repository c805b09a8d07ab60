# ---
# assignment: theory
# expect: full
# why: the forms are strings of numpy
# ---
# %% sequence_mapping
FORMS = np.array(["one-to-one", "one-to-many", "many-to-one", "many-to-many aligned", "many-to-many unaligned"])
MAPPING = dict(house_price=FORMS[0], digit_image=FORMS[0], image_caption=FORMS[1], melody_of_genre=FORMS[1])
MAPPING.update(review_sentiment=FORMS[2], activity_window=FORMS[2], part_of_speech=FORMS[3], video_frames=FORMS[3])
MAPPING.update(translation=FORMS[4], summary=FORMS[4])
