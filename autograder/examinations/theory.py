"""The examinations of the assignment `theory`, which has two notebooks: `review` and `quiz`."""

from autograder.examinations import theory_quiz, theory_review

EXAMINATIONS = (*theory_review.EXAMINATIONS, *theory_quiz.EXAMINATIONS)
