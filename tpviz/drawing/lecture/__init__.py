"""Lectures: a program revealed line by line, each step with its rule, its formula and its number; slides of them."""

from .model import Lecture, LectureStep, lecture_of
from .numbers import Found, all_numbers, find_numbers
from .write import lecture, slides

__all__ = ["Found", "Lecture", "LectureStep", "all_numbers", "find_numbers", "lecture", "lecture_of", "slides"]
