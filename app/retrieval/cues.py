"""Words and marks by which a sentence shows what it is, in the larger European languages and some beyond.

They only sharpen the choice of sentences: in a language they do not cover nothing is lost but that.
"""

import re

END_MARK = re.compile(
    "[.!?\u2026\u061f\u06d4\u0589\u0964\u0965\u3002\uff01\uff1f\uff61][\"'\u2019\u201d\u00bb\u203a)\\]\u300d\u300f\u3011\uff09]*$"
)
QUESTION = re.compile("[?\uff1f\u061f\u037e][\"'\u2019\u201d\u00bb)\u300d]*$")
OPENS_SPEECH = re.compile("[\"'\u2018\u201c\u201e\u00ab\u2014\u300c\u300e]")
CAPTION = re.compile(
    r"(fig(ure|\.)?|table|chart|box|plate|exhibit|source|abb(ildung|\.)?|tab(elle|\.)?|quelle|tableau|cuadro|tabla"
    r"|figura|tabela|tabella|рис(унок|\.)?|таблица|图|圖|表|図)\s*[\divx]*\s*[.:|–-]?\s*\d",
    re.IGNORECASE,
)
# An entry of a list of works: "[12] Author", "Miller, A. B., ...", a page range, a DOI.
REFERENCE = re.compile(
    r"\[\d+\]\s+\w|\w[\w’'-]+,\s+(\w\.[\s-]?)+[,;(&]|.*(\bdoi\b|\bISBN\b|\bpp\. ?\d+\s?[-–]\s?\d)",
    re.IGNORECASE,
)
# What leans on the sentence before it.
LEANING = re.compile(
    r"(this|that|these|those|it|its|he|she|they|his|her|their|him|them|such|however|but|and|or|so|thus|hence|therefore"
    r"|then|also|moreover|furthermore|additionally|otherwise|instead|meanwhile|nevertheless|nonetheless|consequently"
    r"|besides|likewise|similarly|finally|for example|for instance|in addition|as a result|on the other hand"
    r"|dies|diese[rsmn]?|er|sie|es|aber|und|oder|doch|jedoch|dennoch|deshalb|daher|außerdem|also|dann|somit"
    r"|ce|cet|cette|ces|cela|ceci|il|elle|ils|elles|mais|et|ou|donc|cependant|toutefois|ainsi|puis|alors|de plus"
    r"|este|esta|estos|estas|esto|eso|ese|él|ella|ellos|pero|y|sin embargo|además|entonces|así|por eso|por lo tanto"
    r"|isso|isto|ele|ela|mas|porém|então|assim|questo|questa|queste|questi|ciò|ma|però|inoltre|quindi|perciò"
    r"|dit|deze|hij|zij|maar|echter|daarom|bovendien|это|этот|эта|эти|он|она|они|но|однако|поэтому|также"
    r")\b",
    re.IGNORECASE,
)
# What a text says of itself: "we propose", "this report describes", "the aim of".
ANNOUNCING = re.compile(
    r"\b(we|the authors?|i)\s+(\w+ly\s+|also\s+|then\s+)?(propose|present|introduce|show|describe|develop|study"
    r"|investigate|demonstrate|provide|address|argue|find|explore|report|examine|recommend|conclude|suggest|design)"
    r"|\b(this|our|the present)\s+(paper|work|article|study|report|document|thesis|review|chapter|guide|survey|method|approach)\b"
    r"|\b(aim|goal|purpose|objective)s? of (this|the)\b"
    r"|\bin (summary|conclusion|short)\b"
    r"|\bwir\s+(stellen|zeigen|schlagen|präsentieren|untersuchen|beschreiben|entwickeln)|\bdiese[rs]? (arbeit|bericht|artikel|studie|beitrag)\b"
    r"|\bnous\s+(proposons|présentons|montrons|décrivons|étudions)|\b(cet article|ce (document|rapport|travail)|cette étude)\b"
    r"|\b(proponemos|presentamos|mostramos|describimos|estudiamos|propomos|apresentamos|mostramos)\b"
    r"|\beste (artículo|trabajo|informe|documento|estudio|artigo|relatório|estudo)\b|\bquesto (articolo|lavoro|studio|documento)\b",
    re.IGNORECASE,
)
CLOSING_PARTS = re.compile(
    r"(\d+(\.\d+)*\.?\s+)?(references?|bibliography|works cited|literature( cited)?|further reading|acknowledge?ments?|index"
    r"|table of contents|contents|literatur(verzeichnis)?|quellen(verzeichnis)?|inhalt(sverzeichnis)?|danksagung"
    r"|références|bibliographie|sommaire|table des matières|remerciements|referencias|bibliografía|índice|contenido"
    r"|agradecimientos|referências|bibliografia|riferimenti|indice|литература|содержание|参考文献|目录|目次|謝辞)\s*$",
    re.IGNORECASE,
)
TELLING_PARTS = re.compile(
    r"\b(abstract|summary|overview|introduction|conclusions?|key (points|findings)|highlights|zusammenfassung|einleitung"
    r"|fazit|überblick|résumé|introduction|conclusion|synthèse|resumen|introducción|conclusi(ón|ones)|resumo|introdução"
    r"|conclus(ão|ões)|riassunto|sommario|introduzione|conclusioni|аннотация|введение|заключение|выводы)\b|摘要|概要|要約|结论|結論|引言|はじめに",
    re.IGNORECASE,
)
