"""Tables and questions on which every engine must agree with `mak` over files.

All values are invented. A scenario is a set of tables, one a kind, with typed columns; its CSV files
have the same columns under the same names, so that the files need no configuration.
"""

import csv
import datetime
import io
import random

NASTY = "'; DROP TABLE x; --"


class Table:
    """A table: columns as (name, type), rows as tuples of text, None where the cell is missing."""

    def __init__(self, columns, rows, name=None):
        self.columns = columns
        self.rows = rows
        self.name = name

    def csv(self):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([name for name, _ in self.columns])
        writer.writerows([["" if cell is None else cell for cell in row] for row in self.rows])
        return out.getvalue()


def cells(text):
    """Rows of `a|b|` with None for an empty cell."""
    rows = [line.strip().split("|") for line in text.strip().splitlines()]
    return [tuple(cell.strip() or None for cell in row) for row in rows]


ORDERS = [("order_id", "text"), ("customer_id", "text"), ("date", "date"), ("channel", "text"), ("amount", "decimal"), ("refunded", "decimal")]

HAND = {
    "campaigns": Table(
        [("campaign", "text"), ("channel", "text"), ("date", "date"), ("sent", "int"), ("delivered", "int"), ("opens", "int"), ("spend", "decimal")],
        cells(f"""
        {NASTY}|email|2025-12-29|1000|980|300|
        {NASTY}|email|2026-01-04|500||120|10.10
        "quoted", with comma|ads|2026-01-05||||99.99
        back\\slash % and ``ticks``|ads|2026-02-28|||| 0.01
        NULL||2026-03-31|10|10|1|
        only campaigns|print|2026-04-01|0|0|0|3
        """),
    ),
    "orders": Table(
        ORDERS,
        cells("""
        1|ann|2025-12-31|email|100.10|0.00
        2|ann|2026-01-05|email|50.05|10.01
        3|bob|2026-01-05|ads|20|
        3|bob|2026-01-05|ads|30|
        4||2026-02-01|ads|7.77|
        5|cyd|2026-02-02||12.30|
        6|cyd|2026-02-03|ads|-2.30|
        7|dee|2026-03-09|phone|0.005|
        |dee|2026-03-09|phone|1|
        |dee||phone|2|
        8|eve|2026-03-31|phone|9.99|-1.00
        """),
    ),
    "leads": Table(
        [("lead_id", "text"), ("created", "timestamp"), ("channel", "text"), ("mql_at", "timestamp"), ("sql_at", "timestamp"), ("won_at", "timestamp"), ("lost_at", "timestamp"), ("first_response_at", "timestamp"), ("score", "decimal")],
        cells("""
        a|2026-01-01 10:00:00|email|2026-01-02 10:00:00||2026-01-05 10:00:00||2026-01-01 10:59:59|10.5
        b|2026-01-02 10:00:00|email|||||2026-01-02 11:00:01|20
        c|2026-01-31 23:59:59|ads||2026-02-03 00:00:00|||2026-01-31 23:00:00|
        d|2026-02-01 00:00:00||||2026-01-30 00:00:00|||0
        e|2026-02-10 08:00:00|fair||||2026-02-11 08:00:00||7.25
        |2026-02-10 08:00:00|ads||||||3
        |2026-02-10 08:00:00|ads||||||3
        """),
    ),
}

# Rows of one lead with the same group and score; dates of both count.
REPEATED = {
    "leads": Table(
        [("lead_id", "text"), ("created", "timestamp"), ("channel", "text"), ("won_at", "timestamp"), ("score", "decimal")],
        cells("""
        a|2026-01-01 10:00:00|email||
        a|2026-01-01 09:00:00|email|2026-01-05 10:00:00|5
        b|2026-01-02 10:00:00|ads||1
        """),
    ),
}

DEALS = {
    "leads": Table(
        [("lead_id", "text"), ("created", "date"), ("channel", "text"), ("mql_at", "date")],
        cells("""
        a|2026-01-01|email|
        b|2026-01-02|ads|2026-01-04
        c|2026-01-03|ads|
        |2026-01-03|ads|
        """),
    ),
    "deals": Table(
        [("deal_id", "text"), ("lead_id", "text"), ("created", "date"), ("won_at", "date"), ("amount", "decimal")],
        cells("""
        1|a|2026-01-05|2026-02-01|100.50
        2|c|2026-01-09||20
        3|zz|2026-01-09|2026-01-10|999
        4||2026-01-09|2026-01-10|999
        """),
    ),
}

DEALS_ALONE = {"deals": Table(DEALS["deals"].columns, [row for row in DEALS["deals"].rows if row[1] != "a"])}

SOCIAL = {
    "social": Table(
        [("platform", "text"), ("date", "date"), ("likes", "int"), ("reach", "int"), ("followers", "int")],
        cells("""
        insta|2026-01-01|10|100|1000
        insta|2026-01-31|20||1100
        insta|2026-02-28|5|90|
        tube|2026-01-15|7||50
        tube||1|1|49
        face||3|5|300
        """),
    ),
}

RIVALS = {
    "social": Table(
        [("platform", "text"), ("date", "date"), ("likes", "int"), ("followers", "int")],
        cells("""
        insta|2026-01-31|20|1100
        insta|2026-01-31|20|1101
        tube||1|49
        tube||1|49
        """),
    ),
}

ANSWERS = {
    "answers": Table(
        [("respondent_id", "text"), ("date", "date"), ("csat", "int"), ("nps", "int"), ("country", "text")],
        cells("""
        1|2026-01-01|5|10|TH
        2|2026-01-02|4|9|TH
        3|2026-01-03|3|7|IR
        4|2026-02-03||0|IR
        5|2026-02-04|1||
        """),
    ),
}

WEB = {
    "web": Table(
        [("page", "text"), ("date", "date"), ("end_date", "date"), ("sessions", "int"), ("carts", "int"), ("abandoned_carts", "int"), ("visitors", "int"), ("conversions", "decimal")],
        cells("""
        /a|2026-01-01|2026-01-31|100|10|7|90|3.25
        /b|2026-01-01|2026-01-31|50|5|5|45|0.125
        /a|2026-02-01|2026-02-28|70||2|60|1.000000
        """),
    ),
}

TWO_CURRENCIES = {
    "orders": Table(
        [("order_id", "text"), ("customer_id", "text"), ("date", "date"), ("amount", "decimal"), ("currency", "text")],
        cells("""
        1|ann|2026-01-01|19.99|EUR
        2|ann|2026-01-01|120.5|USD
        """),
    ),
}

RESERVED = {
    "ads": Table(
        [("select", "text"), ("from", "text"), ("date", "date"), ("spend", "decimal"), ("impressions", "int"), ("ad_clicks", "int")],
        cells("""
        group|order|2026-01-01|1.10|1000|10
        where|order|2026-01-02|2.20|2000|30
        |null|2026-01-02|3.30||
        """),
    ),
}


def emptied(tables):
    return {kind: Table(table.columns, []) for kind, table in tables.items()}


def no_refund_column(tables):
    """Orders without a column of refunds and without an amount below zero."""
    table = tables["orders"]
    rows = [row[:5] for row in table.rows if not (row[4] or "").startswith("-")]
    return {"orders": Table(table.columns[:5], rows)}


def seeded(rows, seed=20260101):
    """A shop of that many order rows, with the campaigns and leads that led to them."""
    chance = random.Random(seed)
    channels = ["email", "paid search", "paid social", "events", "o'clock \"sales\"", "naïve ﷼ ไทย", None]
    first = datetime.date(2025, 11, 24)

    def day():
        return first + datetime.timedelta(days=chance.randrange(200))

    def money(most):
        return f"{chance.randrange(most * 100) / 100:.2f}"

    orders = []
    customers = max(rows // 3, 1)
    for number in range(rows):
        number_of_lines = 2 if chance.random() < 0.05 else 1
        customer = f"C{chance.randrange(customers)}" if chance.random() > 0.02 else None
        date, channel = day().isoformat(), chance.choice(channels)
        for _ in range(number_of_lines):
            refund = money(20) if chance.random() < 0.1 else "0.00"
            orders.append((f"O{number}", customer, date, channel, money(500), refund))
        if chance.random() < 0.01:
            orders.append((f"R{number}", customer, date, channel, "-" + money(50), None))
    campaigns = []
    for number in range(max(rows // 10, 10)):
        sent = chance.randrange(10_000)
        delivered = sent - chance.randrange(sent // 20 + 1)
        opens = chance.randrange(delivered + 1)
        blank = chance.random() < 0.1
        campaigns.append((f"Campaign {number}", chance.choice(channels), day().isoformat(), str(sent), None if blank else str(delivered), str(opens), money(300)))
    leads = []
    for number in range(max(rows // 5, 10)):
        at = datetime.datetime.combine(day(), datetime.time(chance.randrange(24), chance.randrange(60), chance.randrange(60)))

        def later(odds, most):
            return (at + datetime.timedelta(seconds=chance.randrange(most))).isoformat(" ") if chance.random() < odds else None

        leads.append((f"L{number}", at.isoformat(" "), chance.choice(channels), later(0.6, 900_000), later(0.4, 2_000_000), later(0.2, 5_000_000), later(0.1, 5_000_000), later(0.8, 20_000), str(chance.randrange(0, 1000) / 8) if chance.random() < 0.9 else None))
    return {
        "campaigns": Table(HAND["campaigns"].columns, campaigns),
        "orders": Table(ORDERS, orders),
        "leads": Table(HAND["leads"].columns, leads),
    }


ALL = [
    (
        "by hand",
        HAND,
        [
            "",
            "--by channel",
            "--by campaign",
            "--period week",
            "--by channel --period month",
            "--by channel,quarter",
            "--period year",
            "--by day --kpi revenue,new_customers",
            "--from 2026-01-01",
            "--from 2026-01-05 --to 2026-02-28 --by channel",
            "--from 2026-01-01 --period month",
            "--where channel=ads,phone",
            "--where channel!=email --by channel",
            "--where channel= --by channel",
            "--where month=2026-02",
            "--where month!=2026-02 --by channel",
            f"--by channel --where|campaign={NASTY}",
            "--to 2020-01-01",
            "--kpi cac,roi --by channel",
            "--kpi open_rate --period quarter",
            "--kpi response_time,sales_cycle_length --by channel",
            "--set platform_cost=100 --kpi cac",
        ],
    ),
    ("repeated leads", REPEATED, ["", "--by channel"]),
    ("leads and deals", DEALS, ["", "--by channel", "--period month"]),
    ("deals alone", DEALS_ALONE, ["", "--period month"]),
    ("no refunds", no_refund_column(HAND), ["", "--by channel"]),
    ("social", SOCIAL, ["", "--by platform", "--period month", "--by platform --period month", "--from 2026-01-01 --to 2026-01-31"]),
    ("rivals", RIVALS, ["", "--by platform"]),
    ("answers", ANSWERS, ["", "--by country", "--period month"]),
    ("web", WEB, ["", "--by page", "--period month", "--from 2026-02-01"]),
    ("two currencies by currency", TWO_CURRENCIES, ["--by currency"]),
    ("reserved words", RESERVED, ["", "--by select", "--by from,select", "--where from=order --by select"]),
    ("empty tables", emptied(HAND), ["", "--by channel", "--from 2026-01-01"]),
    ("one empty table", {**HAND, "orders": Table(ORDERS, [])}, ["", "--by channel", "--period month"]),
]

# What must be refused by the engine's answer, with a word of the reason.
REFUSED = [
    ("contradicting orders", {"orders": Table(ORDERS, cells("1|ann|2026-01-01|a|10|\n1|bob|2026-01-01|a|10|"))}, "", "contradicting-rows"),
    (
        "contradicting leads",
        {"leads": Table(REPEATED["leads"].columns, cells("a|2026-01-01 10:00:00|x||5\na|2026-01-01 10:00:00|y||5"))},
        "--by channel",
        "contradicting-rows",
    ),
    ("two currencies", TWO_CURRENCIES, "", "mixed-currencies"),
    ("a row over two months", {"web": Table(WEB["web"].columns, cells("/a|2026-01-15|2026-02-14|100|10|7|90|3.25"))}, "--period month", "spans-periods"),
]

SEEDED_QUESTIONS = ["", "--by channel", "--period month", "--by channel --from 2026-01-01 --to 2026-03-31", "--period week --where channel=email"]
