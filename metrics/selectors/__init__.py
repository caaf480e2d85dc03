"""Reading rates and penalties, in frozen dataclasses ready for templates and serializers."""

from .penalties import PenaltyRow, ProlongationRow, Reason, penalty_window, penalty_windows, windows_between
from .rates import AgentFigures, DayFigures, MetricRates, RateRow, agent_rates, assessed_days, reply_rates
from .today import MetricToday, today

__all__ = [
    "AgentFigures",
    "DayFigures",
    "MetricRates",
    "MetricToday",
    "PenaltyRow",
    "ProlongationRow",
    "RateRow",
    "Reason",
    "agent_rates",
    "assessed_days",
    "penalty_window",
    "penalty_windows",
    "reply_rates",
    "today",
    "windows_between",
]
