"""English: the patterns by which the rules of the guided user read questions and answers.

In other languages a question is known by its mark alone, and two questions are alike where
their words are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SENTENCE = re.compile(r"(?<=[.!?])[\"'\u201d)*]*\s+|(?<=[\u3002\uff01\uff1f])|\n+")
QUESTION = re.compile(r"[?\uff1f\u061f][\s\"'\u201d\u2019)*]*$")
OFFER = re.compile(
    r"(any|some)thing else|\b(help|assist) (you )?(with|further|today|out)|further assistance|"
    r"more (help|assistance)|(other|any|more|further) (questions|concerns|issues|details)|"
    r"feel free|how (can|may|else) (i|we)|need (any|further|more|additional) |assist you|"
    r"\bif you (need|have|ever|want|would like|['\u2019]d like|encounter|run into|know)\b|"
    r"let me know if|let us know if|hold on",
    re.IGNORECASE,
)
OPEN = re.compile(
    r"how (would|do) you (like|want|wish) (me |us )?to (proceed|continue)|"
    r"how you['\u2019]?d? .{0,40}proceed|"
    r"what (would|do) you (like|want)( me| us)? to (do|change|update|modify|know|discuss)\b|"
    r"\b(which|what) changes? (you['\u2019]d|would you|do you|you want)|"
    r"what can (i|we) do|what else|"
    r"what (is|seems to be) the (problem|issue|matter)|how to proceed",
    re.IGNORECASE,
)
REQUEST = re.compile(
    r"\bplease (confirm|provide|reply|respond|say|specify|share|tell|give|enter|choose|select|"
    r"let me know|send|indicate|state|answer|clarify)|\bkindly\b|"
    r"\b(could|can|would|will) you (please |kindly )?"
    r"(confirm|provide|specify|share|tell|give|choose|select|let me know|send|clarify)|"
    r"\b(i|we)(['\u2019]ll| will)?( also)? need (to know|your|you to|the|a few|both|some)|"
    r"\blet me know (which|what|when|where|who|your|the|whether)|"
    r"\b(reply|say|respond with|type) [\"'\u201c*]*yes|\(yes/no\)",
    re.IGNORECASE,
)
CONFIRM = re.compile(
    r"\bconfirm(ed|ing)?\b|\b(like|want|ready|okay|ok|wish|agree)( me| us)? to proceed|"
    r"\b(shall|should|may|can) (i|we) proceed|\bproceed\b[^.]*\?|go ahead|\bcorrect\b|"
    r"is (that|this) (right|ok|okay|fine)|"
    r"would you (like|want|prefer|mind)( me| us)? to|do you (want|wish|agree|still)|"
    r"\b(shall|should|may) (i|we)\b|yes/no|[\"'\u201c*]yes|are you (sure|ok|okay|happy)",
    re.IGNORECASE,
)
CLOSED = re.compile(
    r"(is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may)\b",
    re.IGNORECASE,
)
"""How a question begins that wants a yes or a no."""
WHICH = re.compile(
    r"\b(what|which|when|where|who|whom|whose|why|how|provide|specify|share|tell|give|enter|"
    r"choose|select|need)\b",
    re.IGNORECASE,
)
WHETHER = re.compile(r"\bwhether (you|to|it)\b", re.IGNORECASE)
TELL = re.compile(
    r"\b(double-check|verify|provide|specify|share|tell|give|clarify|let me know)\b", re.IGNORECASE
)
SLOTS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "email": r"\be-?mail",
        "name": r"\b(first|last|full|your|my|family|sur)[ -]?names?\b|\bname (is|and|as)\b|"
        r"\bnamed\b",
        "zip": r"\bzip\b|\bpost(al)?[ -]?code\b|\bpostcode\b|\bpostal\b",
        "phone": r"\bphone number|\btelephone|\bmobile number|\bphone\b(?= (associated|on|linked))",
        "order": r"\border (id|number|no\.?|#)|\bwhich (of (these|your) )?orders?\b|"
        r"\border\(?s?\)? (is|are|was) #|\border ids?\b|\border #|\border [A-Z]+-?\d|"
        r"\b(of|about) your order\b",
        "user": r"\buser ?(id|name)|\bprofile id|\bcustomer (id|number)|\baccount (id|number)",
        "reservation": r"\b(reservation|booking|confirmation) ?(id|number|code|reference)|"
        r"\bwhich (reservation|booking)|\breservation\b(?= this)",
        "payment": r"\bpayment|\bcredit card|\bgift card|\bpay (with|by|for)|\brefund (method|to)|"
        r"\bpaypal\b|\bcard (number|ending)",
        "date": r"\bdates?\b|\bwhen\b|\bwhat (day|time)|\bwhich (day|time)|\bbirth",
        "address": r"\baddress(?! (associated|you used))|\bstreet\b|\bsuite\b",
        "reason": r"\breasons?\b|\bwhy\b",
        "item": r"\b(which|what|specific) (items?|products?)|\bitem\(?s?\)?\b|\bsize\b|\bcolou?r\b",
        "flight": r"\bwhich flights?\b|\bflight number|\bcabin\b|\bdestination|\borigin\b",
        "amount": r"\bhow (many|much)\b|\bquantit|\bamount\b|\bnumber of\b",
        "code": r"\b(verification|security|pin|access|one-time) ?code|\bpin\b|\bpassword\b",
        "insurance": r"\binsurance\b",
    }.items()
}
ACTIONS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(rf"\b(?:{pattern})", re.IGNORECASE)
    for name, pattern in {
        "cancel": r"cancel",
        "return": r"return(?!ing customer)",
        "refund": r"refund|money back|reimburs|pay\w* back",
        "exchange": r"exchang|swap|replac",
        "change": r"chang|modif|updat|switch|edit|correct(?:ing)? (?:the|your)",
        "book": r"book(?:ing)? (?:a|the|this|these|it|you)|reserv(?:e|ing)\b|purchas|rebook",
        "order": r"(?:re)?order(?:ing)? (?:a|an|it|one|another)\b|"
        r"place (?:a|an|the) (?:new )?order",
        "upgrade": r"upgrad",
        "downgrade": r"downgrad",
        "transfer": r"transfer|escalat|human agent|connect you",
        "add": r"add(?:ing)?\b",
        "remove": r"remov|delet",
        "send": r"ship|send|deliver|resend|mail it",
        "pay": r"pay\b|paying|charg",
        "enable": r"enabl|turn(?:ing)? (?:it |this )?on|activat|resum|unlock",
        "disable": r"disabl|turn(?:ing)? (?:it |this )?off|deactivat|suspend|block",
        "reset": r"reset|restart|reboot",
        "look": r"look (?:it|them|that|for|up|into)|check|search|list|show|pull up",
        "keep": r"keep",
        "close": r"clos(?:e|ing) (?:the|your|this)",
    }.items()
}


YES_OR_NO = re.compile(
    r"^\W*(yes|yeah|yep|yup|no|nope|nah|sure|ok|okay|correct|right|exactly|absolutely|definitely|"
    r"certainly|of course|please do|go ahead|sounds good|that('|\u2019)?s (right|correct|fine)|"
    r"s\u00ed|ja|nein|oui|non|si|sim)\b",
    re.IGNORECASE,
)
DENIES = re.compile(
    r"n['\u2019]t\b|\bnot\b|\bno idea\b|\bforgot|\bunsure\b|\bwithout\b", re.IGNORECASE
)
WISH = re.compile(
    r"\?|\b(i|we)(['\u2019]d| would)? (also |really |just |only |still )*"
    r"(like|want|need|prefer|wish)\b|\bplease\b|\b(can|could|would|will) you\b|"
    r"\bwhat about\b|\bhelp\b|\bhow (do|can|about)\b",
    re.IGNORECASE,
)
REACTS = re.compile(
    r"^\W*(what|wait|no|stop|why|but|hey|huh|hold on|oh|hmm+|excuse me|"
    r"that('|\u2019)?s (not|wrong)|not|great|perfect|awesome|wonderful|glad)\b[^.?!\n]{0,12}[!,.?]|"
    r"\b(i|we) (did not|didn['\u2019]t) (ask|want|say|mean|order|request)|"
    r"\b(i|we) (never|only) (asked|wanted|said|meant|ordered|requested)|"
    r"\bthat('|\u2019)?s not what\b|\byou (just|already|should not|shouldn['\u2019]t)\b|"
    r"\bundo\b|\bwhy did you\b",
    re.IGNORECASE,
)
THANKS = re.compile(r"\b(thanks|thank you|bye|goodbye|that['\u2019]?s all|cheers)\b", re.IGNORECASE)
BUT = re.compile(r"\bbut\b|;|\u2014|\s-\s", re.IGNORECASE)

_FUNCTION_WORDS = (
    "a about ahead all am an and any are as at be been before but by can confirm correct "
    "could did do does for from go going good had has have having he help her here him his "
    "how i if in into is it its just know let like may me mind my need no not now of ok "
    "okay on one or order our out please proceed ready really reply right s shall she "
    "should so some still sure t that the their them then there these they thing this those "
    "to too up us want was we were what when where which who will wish with would yes you "
    "your yours "
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that say nothing of what a question is about."""
