"""Why a kind of fact may never feed a score, in the words that an author reads when he tries."""

OWN_REQUEST = "asking for help, accepting or declining it never raises risk"
TAKES_UP_HELP = "taking up help never raises risk, and who is offered it is no choice of the family's"
UNMET_NEED = "special needs, and waiting for a service, are unmet need at most, never a reason for concern"
KNOWN_FOR_THE_OFFER = "it tells a panel who works with the family and what was said; it is no evidence of need"
KEPT_APART = "identities that the law keeps apart or secret are no part of any score"
CARE_IS_NOT_EARLY_HELP = "it concerns a child who is looked after already, for whom no list is drawn"
