"""Equations as they stand in the text of methods ("H = Σ_c s_c²·g_c") as MathML: browsers draw it, readers speak it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

NAMED = ("max", "min", "mean", "exp", "ln", "sd", "argmax", "slope", "diag", "clip", "sum")  # functions: upright
SMALL = ("of", "to", "as", "in", "is", "if", "by", "or", "on", "at", "it", "be", "no")  # words of two letters
RAISED = {"²": "2", "³": "3"}
SIGNS = {">=": "≥", "<=": "≤", "!=": "≠", "-": "−", "..": "…", "...": "…", "·": "·"}
TOKEN = re.compile(
    r"t/yr|GDP of the focus|[A-Za-z]+'s\b|[A-Za-z]+(?:-[a-z]+)+|[A-Za-zΑ-Ωα-ωŜ][A-Za-zΑ-Ωα-ωŜ0-9]*'?"
    r"|\d+(?:,\d{3})*(?:\.\d+)?|>=|<=|!=|\.{2,3}|[²³]|\s+|."
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A drawn part; bare  the same without the brackets around it, which a fraction does not need."""

    drawn: Markup
    bare: Markup


def equations(text: str) -> tuple[Markup, ...]:
    """Return the statements of a text, one drawing each; they are parted by semicolons, wide commas and lines."""
    joined = re.sub(r"\n(?=\S+(?: \S+)? = )", ";  ", text)
    statements = re.split(r";+\s+|,\s{2,}", " ".join(re.sub(r"\n\s*", " ", joined).split("\n")))
    return tuple(_block(statement.strip()) for statement in statements if statement.strip())


def _block(statement: str) -> Markup:
    """Return one statement on a line of its own."""
    return Markup('<math display="block"><mrow>{}</mrow></math>').format(Reader(statement).row())


class Reader:
    """Reads one statement from left to right: rows of terms, terms of factors, factors with what hangs on them."""

    def __init__(self, statement: str) -> None:
        """Part the statement into names, numbers and signs."""
        self.tokens, self.at = TOKEN.findall(statement), 0

    def next(self, step: int = 0) -> str:
        """Return the token that comes, "" at the end."""
        return self.tokens[self.at + step] if self.at + step < len(self.tokens) else ""

    def blank(self) -> None:
        """Go past white space."""
        while self.next().isspace():
            self.at += 1

    def row(self, end: str = "") -> Markup:
        """Return everything up to a closing bracket, or to the end: terms and the signs between them."""
        parts: list[Markup] = []
        self.blank()
        while (token := self.next()) and token != end:
            if self.opens_factor(token):
                parts.append(self.term())
            else:
                self.at += 1
                parts.append(_tag("mo", SIGNS.get(token, token)))
            self.blank()
        self.at += bool(end)
        return Markup("").join(parts)

    def opens_factor(self, token: str) -> bool:
        """Return whether a factor begins here."""
        return token in "([{" or token[0].isalnum() or token in "ΣΠΔ"

    def term(self) -> Markup:
        """Return factors beside one another; what stands before a stroke is above what stands after it."""
        above = [self.factor()]
        while True:
            start = self.at
            self.blank()
            token = self.next()
            if token == "/":
                self.at += 1
                self.blank()
                if not self.next() or not self.opens_factor(self.next()):
                    above.append(_piece(_tag("mo", "/")))
                    continue
                under = self.under()
                top = above[0].bare if len(above) == 1 else Markup("").join(piece.drawn for piece in above)
                above = [_piece(Markup("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>").format(top, under.bare))]
            elif token == "·":
                self.at += 1
                above.append(_piece(_tag("mo", "·")))
                self.blank()
            elif token and self.opens_factor(token):
                above.append(_piece(Markup('<mspace width="0.2em"></mspace>')))
                above.append(self.factor())
            else:
                self.at = start
                return Markup("").join(piece.drawn for piece in above)

    def under(self) -> Piece:
        """Return what stands below a stroke: one factor, or a sum or a largest with all that it is of."""
        many = self.next() in ("Σ", "Π", "max", "min")
        parts = [self.factor()]
        while many:
            start = self.at
            self.blank()
            token = self.next()
            if not token or not self.opens_factor(token) or _is_word(token, self.next(1)):
                self.at = start
                break
            parts.append(self.factor())
        return parts[0] if len(parts) == 1 else _piece(Markup("").join(piece.drawn for piece in parts))

    def factor(self) -> Piece:
        """Return a name, number or bracket with its indices and powers."""
        token = self.next()
        if token in "([{":
            piece = self.bracket()
        else:
            self.at += 1
            if _is_word(token, self.next()):
                return self.words(token)
            upright = token in NAMED or (token[0].isalpha() and len(token) > 1)
            kind = "mn" if token[0].isdigit() else "mo" if token in "ΣΠ" else "mi"
            style = Markup(' mathvariant="normal"') if upright and kind == "mi" else Markup("")
            drawn = Markup("<{0}{1}>{2}</{0}>").format(Markup(kind), style, token.replace("'", "′"))
            piece = _piece(drawn)
        return self.hung(piece)

    def words(self, first: str) -> Piece:
        """Return words one after the other as one text."""
        said = [first]
        while True:
            start = self.at
            self.blank()
            token = self.next()
            article = token == "a" and self.next(1).isspace() and _is_word(self.next(2), self.next(3))
            if token and token[0].isalpha() and (article or _is_word(token, self.next(1))):
                said.append(token)
                self.at += 1
            else:
                self.at = start
                return _piece(_tag("mtext", " ".join(said)))

    def bracket(self) -> Piece:
        """Return what stands in brackets, with them and without."""
        left = self.next()
        right = {"(": ")", "[": "]", "{": "}"}[left]
        self.at += 1
        inside = self.row(right)
        whole = Markup("<mrow>{}{}{}</mrow>").format(_tag("mo", left), inside, _tag("mo", right))
        return Piece(whole, inside)

    def hung(self, piece: Piece) -> Piece:
        """Return a part with what hangs below it (_x, [x]) and above it (², ^x)."""
        below: list[Markup] = []
        above: Markup | None = None
        while (token := self.next()) in ("_", "^", "²", "³", "[") and token:
            if token in RAISED:
                self.at += 1
                above = _tag("mn", RAISED[token])
            elif token == "[":
                below.append(self.bracket().bare)
            else:
                self.at += 1
                hung = self.script()
                if token == "^":
                    above = hung
                else:
                    below.append(hung)
        if not below and above is None:
            return piece
        low = Markup("<mrow>{}</mrow>").format(Markup("<mo>,</mo>").join(below))
        if above is None:
            return _piece(Markup("<msub>{}{}</msub>").format(piece.drawn, low))
        if not below:
            return _piece(Markup("<msup>{}<mrow>{}</mrow></msup>").format(piece.drawn, above))
        return _piece(Markup("<msubsup>{}{}<mrow>{}</mrow></msubsup>").format(piece.drawn, low, above))

    def script(self) -> Markup:
        """Return what follows "_" or "^": a bracket, or a name with a sign before it and an index behind it."""
        if self.next() in ("(", "{"):
            return self.bracket().bare
        sign = Markup("")
        if self.next() == "-":
            self.at += 1
            sign = _tag("mo", "−")
        token = self.next()
        self.at += 1
        name = _tag("mn" if token[:1].isdigit() else "mi", token.replace("'", "′"))
        if self.next() == "[":
            name = Markup("<msub>{}<mrow>{}</mrow></msub>").format(name, self.bracket().bare)
        while self.next() in (",", "..") and self.next(1).isalnum():  # q_i,s and O_k..0: no blank between
            name += _tag("mo", SIGNS.get(self.next(), self.next())) + _tag("mi", self.next(1))
            self.at += 2
        return sign + name


def _is_word(token: str, after: str) -> bool:
    """Return whether a token is a word of the language and no name in an equation."""
    if token in ("t/yr", "GDP of the focus") or "-" in token or token.endswith("'s"):
        return True
    if not token.isalpha() or token in NAMED or after in ("_", "^", "²", "³", "["):
        return False
    return (token.islower() or token.istitle()) and (len(token) > 2 or token in SMALL)


def _tag(name: str, text: Any) -> Markup:
    """Return an element that holds a text."""
    return Markup("<{0}>{1}</{0}>").format(Markup(name), text)


def _piece(drawn: Markup) -> Piece:
    """Return a part that has no brackets around it."""
    return Piece(drawn, drawn)
