"""A student in one presentation is one person, alone: what is asked is how this presentation will end."""

from targeting.linkage.definition import Linkage

linkage = Linkage(method="each_person_alone")
