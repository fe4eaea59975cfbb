"""The list of questions as plain data, so that help, documentation and routes need no request to be imported."""

from __future__ import annotations

from dataclasses import dataclass

ROOM = "khanij.analyses"


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    name     as it is asked: "risk", "data check"        line  what it answers, in one line
    request  "module:class" of its Request               run   "module:function" (request, case, job) -> Answer
    long     it takes longer than a page should wait: a face makes a job of it
    """

    name: str
    line: str
    request: str
    run: str
    long: bool = False

    @property
    def slug(self) -> str:
        """Return the name as it stands in an address or as the name of a tool."""
        return self.name.replace(" ", "-")


LONG = frozenset(
    {
        "backtest",
        "brief",
        "compare",
        "data check",
        "forecast hindcast",
        "forecast make",
        "measures",
        "mineral",
        "partner",
        "plan",
        "reverse",
        "risk",
        "stockpile",
        "study run",
    }
)  # they take longer than a page should wait


def _in(room: str, name: str, request: str, line: str, run: str = "answer") -> Question:
    """Return a question of a room, whose modules have fixed names."""
    return Question(name, line, f"{ROOM}.{room}.request:{request}", f"{ROOM}.{room}.run:{run}", name in LONG)


QUESTIONS = (
    _in("assess", "assess", "AssessRequest", "The indicators of a country side by side, or how sure each of them is."),
    _in("backtest", "backtest", "BacktestRequest", "The engine beside documented events: trade, prices, noise."),
    _in("blocks", "blocks", "BlocksRequest", "What each block or stake abroad brings: hectares, money, stage, odds."),
    Question(
        "brief",
        "A country's critical-minerals brief: two pages that print, and a dossier behind them.",
        "khanij.brief.request:BriefRequest",
        "khanij.brief.run:answer",
        "brief" in LONG,
    ),
    _in(
        "chain", "chain", "ChainRequest", "A mineral stage by stage: who makes it, what a country makes, buys and uses."
    ),
    _in(
        "compare",
        "compare",
        "CompareRequest",
        "Methods against each other and against official lists: agreement, kappa, and why they part.",
    ),
    _in(
        "records",
        "data check",
        "DataCheckRequest",
        "Reconcile the facts: countries against world totals, source against source, trade against output.",
        "answer_check",
    ),
    _in(
        "records",
        "data list",
        "DataListRequest",
        "What the store holds, from whom, under which licence; or one of the reference lists.",
        "answer_list",
    ),
    _in(
        "records",
        "data show",
        "DataShowRequest",
        "A source's record, or stored facts with source, edition, status and row.",
        "answer_show",
    ),
    _in(
        "records",
        "data template",
        "DataTemplateRequest",
        "The columns of a file of one's own facts, with an example line to fill in, for --own.",
        "answer_template",
    ),
    _in(
        "demand",
        "demand",
        "DemandRequest",
        "How much of each material a country will need: technologies, base demand, scrap, with ranges and gaps.",
    ),
    _in(
        "events",
        "events list",
        "EventsRequest",
        "Documented disruptions since 2009: kind, country, materials, dates, and their part in testing models.",
        "answer_list",
    ),
    _in(
        "events",
        "events show",
        "EventRequest",
        "One documented disruption: its size over time and every figure with source and confidence.",
        "answer_show",
    ),
    _in(
        "explain",
        "explain",
        "ExplainRequest",
        "One number followed down: equation, parameters, what entered, the fact rows behind it, and whom they cite.",
    ),
    _in(
        "exposure",
        "exposure",
        "ExposureRequest",
        "On whom a country depends, how sure that is, and what is in force against it.",
    ),
    _in(
        "forecast",
        "forecast hindcast",
        "ForecastHindcastRequest",
        "Restrictions since 2017 by a fit to 2016, and the chance that was given to a country's wave of them.",
        "answer_hindcast",
    ),
    _in(
        "forecast",
        "forecast make",
        "ForecastMakeRequest",
        "Chances of new restrictions in the year after an origin, frozen, in the hub layout with a hash.",
        "answer_make",
    ),
    _in(
        "forecast",
        "forecast score",
        "ForecastScoreRequest",
        "The score of a file of forecasts in the hub layout, ours or a stranger's.",
        "answer_score",
    ),
    _in(
        "history",
        "history",
        "HistoryRequest",
        "An indicator through the years with every break of the data, or what moved it between two years.",
    ),
    _in(
        "measures",
        "measures",
        "MeasuresRequest",
        "What each measure of the catalogue averts by itself, and what it costs.",
    ),
    _in(
        "methods",
        "methods",
        "MethodsRequest",
        "The methods: what each computes, from what, and after whom.",
        "answer_methods",
    ),
    _in(
        "mineral",
        "mineral",
        "MineralRequest",
        "One mineral on one page: chain, suppliers, controls, who needs it, need, who could replace.",
    ),
    _in("needs", "needs", "NeedsRequest", "Who needs a mineral, for what; or what a product hangs on."),
    _in(
        "origin",
        "origin",
        "OriginRequest",
        "Who really made what a country uses: origins with bounds, exposure on the way, re-export hubs, unknown.",
    ),
    _in(
        "partner",
        "partner",
        "PartnerRequest",
        "What a partnership averts and which dependence it adds; without a partner, what each agreement adds.",
    ),
    _in(
        "plan",
        "plan",
        "PlanRequest",
        "What to build, how much and when under a budget.",
    ),
    _in(
        "process",
        "process",
        "ProcessRequest",
        "What a tonne takes by route: energy, carbon, water, waste, cost, with ranges, gaps and confidence.",
    ),
    _in("register", "register", "RegisterRequest", "Bans, licences, quotas and taxes on minerals, and their state."),
    _in(
        "profile",
        "profile",
        "ProfileRequest",
        "A country in figures: what it buys and sells, from whom, and what cannot be told.",
    ),
    _in(
        "suppliers",
        "replace",
        "ReplaceRequest",
        "Who could fill the gap if one supplier stopped: makers, what they sell, price, controls.",
        "answer_replace",
    ),
    _in("reverse", "reverse", "ReverseRequest", "The likeliest ways in which a country loses an amount in a year."),
    _in("risk", "risk", "RiskRequest", "Thousands of simulated years: expected loss, loss curve, who is behind it."),
    _in(
        "methods",
        "run",
        "RunRequest",
        "One method of the registry: one row a value, with range, unit, notes and sources.",
        "answer_run",
    ),
    _in(
        "scorecard",
        "scorecard",
        "ScorecardRequest",
        "How far a country is with its own programme, what is secured, and where it could lead.",
    ),
    _in(
        "shock", "shock", "ShockRequest", "Disrupt supply: shortage, price, cost to the economy, and who goes without."
    ),
    _in(
        "stockpile",
        "stockpile",
        "StockpileRequest",
        "What reserve an emergency asks for: tonnes, form, money, days against cost against loss, alone or jointly.",
    ),
    _in(
        "risk",
        "stops",
        "StopsRequest",
        "A year without each seller, good by good (N-1): what goes short, what it costs, how sure that order is.",
        "answer_stops",
    ),
    _in(
        "study",
        "study run",
        "StudyRequest",
        "Several questions from a YAML file, with one page and one workbook of all of them.",
    ),
    _in(
        "suppliers",
        "supplier",
        "SupplierRequest",
        "One country's part of what another buys through the years, by value and by tonnes.",
        "answer_supplier",
    ),
    _in(
        "records",
        "trade",
        "TradeRequest",
        "Recorded trade: value and mass by partner, trade code and year.",
        "answer_trade",
    ),
    _in(
        "suppliers",
        "versus",
        "VersusRequest",
        "Two countries side by side: bills, first suppliers, what both hang on, and where they part.",
        "answer_versus",
    ),
)
