"""Words for people: rules, findings, those left out, pools, changes. Codes and parameters in, sentences out, in the
reader's language. Used by the settings screens and by the record of a conversation."""

from .advising import AdviceLine, advice_lines
from .auditing import audit_sentences, audit_subject
from .changes import change_sentence, change_sentences
from .explaining import Candidate, ExplanationStep, by_rules, explain
from .findings import EXCLUDED, FOUND
from .paths import Box, Path, path_of
from .people import Person
from .places import PLACES, order_words, pool_words, status_words
from .problems import problem_words
from .rules import RULES, rule_name, rule_sentence
from .seen import seen_words

__all__ = [
    "EXCLUDED",
    "FOUND",
    "PLACES",
    "RULES",
    "AdviceLine",
    "Box",
    "Candidate",
    "ExplanationStep",
    "Path",
    "Person",
    "advice_lines",
    "audit_sentences",
    "audit_subject",
    "by_rules",
    "change_sentence",
    "change_sentences",
    "explain",
    "order_words",
    "path_of",
    "pool_words",
    "problem_words",
    "rule_name",
    "rule_sentence",
    "seen_words",
    "status_words",
]
