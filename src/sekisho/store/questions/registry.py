"""Every named question, and what no engine but the embedded one can be asked."""

from __future__ import annotations

from collections.abc import Mapping

QUESTIONS: Mapping[str, str] = {
    "rows_of_days": "what a round judges, from the roll-ups of days",
    "rows_of_months": "what a round judges, from the roll-ups of months",
    "days_of_months": "the days of a month within which something changes",
    "blunt": "days whose raw flows are gone, by the pieces of them",
    "addresses": "the ends of what is to be judged",
    "labelled": "rows with the classes of their ends",
    "unlabelled": "whether a row has no class",
    "combinations": "classes, protocols and ports that are to be decided",
    "decided": "rows with their decision, and whether it holds for all of their flows",
    "undecided": "whether a row has no decision",
    "kept": "rows that are judged",
    "loose": "rows that are to be looked at more closely",
    "loose_spans": "months and days with such rows",
    "strictest": "days whose raw flows are gone, by the strictest decision of their time",
    "blunted": "how many of these lie on both sides of a change",
    "judged_connections": "the worst verdict of each connection",
    "judged": "every connection with its verdict, for `policy diff`",
    "connection_totals": "connections by verdict",
    "flow_totals": "flows by verdict",
    "links": "connections between classes by verdict",
    "of_services": "connections of some services, such as tunnels",
    "violating": "rows of findings",
    "violations": "findings, with the measures of their violating flows",
    "views": "what each sensor saw of a finding",
    "measures": "any connection, with the measures of all its flows",
    "every_view": "what each sensor saw of any connection",
    "sampled": "which sensors say that they sampled",
    "between_ends": "connections between sites with sensors at their edge",
    "rows_between": "what was recorded of them",
    "sided": "what either edge has of them",
    "uneven_ends": "what an edge has less of than there was",
    "even_ends": "how much there is of which both edges have everything",
    "days_between": "what was recorded of months on their days",
    "usage": "when each combination was seen, for `policy lint`",
    "first_last": "when a connection was first and last seen",
    "touching": "connections with an end among some addresses",
    "serving": "connections of some services, when they were seen",
    "days": "days on which a connection was seen",
    "records": "the raw records behind connections",
    "ordered": "the first of these in order of time",
    "hours": "records per sensor and hour",
    "connection_days": "the roll-up of a day of one sensor's two-way flows",
}
"""What is asked by the name of its function in this package. All engines answer all of them alike."""

EMBEDDED: Mapping[str, str] = {
    "merging several sensors' views": "which views are one flow is decided on arrays in this process",
    "pairing one-way records": "it is part of rolling up, which ingest does with the embedded engine",
    "measuring clocks": "it is part of rolling up, which ingest does with the embedded engine",
    "site pairs week by week": "`sekisho coverage` reads the roll-ups of days, with its own labels",
    "explaining what an end lacks": "only what differs is brought here, and looked at by several rules",
    "hunting for indicators": "a million of them are joined here with what this process fetched",
    "cutting a day into pieces": "it is rolling up some connections of one day anew",
}
"""What only the embedded engine does, and why."""

CANNOT: Mapping[tuple[str, str], str] = {}
"""Why an engine cannot answer a question of QUESTIONS, by (engine, question)."""
