"""Statements that Django words once in a process and that are sent many times: for the few that everything waits for.

Wording a query takes Django several times as long as PostgreSQL takes to answer it; here only the values are new. The
SQL is still made from the models, so that both databases and a renamed column are Django's business. On PostgreSQL the
server keeps their plans (DATABASE_PREPARE).
"""

from config.statements.reading import Ahead, Question, Read, Rows
from config.statements.sending import together
from config.statements.writing import insert, insert_both, insert_values, update

__all__ = ["Ahead", "Question", "Read", "Rows", "insert", "insert_both", "insert_values", "together", "update"]
