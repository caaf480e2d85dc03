"""The robot as a port: what answers buyers before a person does. Which one is the setting ROBOT (docs/answers.md)."""

from .asking import RobotFailed, ask, robot_class
from .port import Question, Reply, Robot, Turn

__all__ = ["Question", "Reply", "Robot", "RobotFailed", "Turn", "ask", "robot_class"]
