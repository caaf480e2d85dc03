"""Automatic answers: their settings. Beside metrics.urls because what counts for the rates is said there."""

from django.urls import path

from metrics.views import answers

_ANSWERS = "s/<slug:shop>/answers/"

urlpatterns = [
    path(_ANSWERS, answers.answers, name="answers"),
    path(f"{_ANSWERS}try/", answers.answers_try, name="answers_try"),
    path(f"{_ANSWERS}save/", answers.answers_save, name="answers_save"),
]
