//! Subscriptions: what recurs, how much of it stays, and how much of it grows.

use super::common::SINCE_0_1;
use crate::kpi::Measure::{
    AnnualRecurringRevenue, ChurnedMrr, ContractionMrr, ExpansionMrr, MonthlyRecurringRevenue, MrrAtStart, NewMrr,
};
use crate::kpi::expr::formula;
use crate::kpi::{Better, Example, Expr, Kpi, Population, Unit};

pub(super) static KPIS: &[Kpi] = &[
    Kpi {
        id: "mrr",
        name: "Monthly recurring revenue",
        aliases: &["recurring_revenue"],
        summary: "What the running subscriptions come to in a month: a twelfth of a year’s where plans are billed at \
            different intervals.",
        formula: Expr::FirstOf(&[formula!(MonthlyRecurringRevenue), formula!(AnnualRecurringRevenue / 12)]),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(AnnualRecurringRevenue, "210000")],
            gives: "17500",
            from: "quest-technology-group.com, \"How to calculate monthly recurring revenue\": 500 × 10 a month and 500 × 300 \
                a year (60,000 + 150,000 a year) are 17,500",
        },
        pitfalls: "Not money received: a yearly plan is paid once and counts a twelfth each month. Trials, discounts and \
            metered use are not inside. A year is 52 weeks or 365 days.",
        source: "blog.subbiemetrics.com, \"What is MRR?\": yearly plans by 12, weekly by 52/12, daily by 365/12. Paddle takes \
            4.33 weeks and 30 days instead.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "arr",
        name: "Annual recurring revenue",
        aliases: &[],
        summary: "What the running subscriptions come to in a year.",
        formula: Expr::FirstOf(&[formula!(AnnualRecurringRevenue), formula!(MonthlyRecurringRevenue * 12)]),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(MonthlyRecurringRevenue, "56000")],
            gives: "672000",
            from: "By definition: 56,000 a month times 12",
        },
        pitfalls: "A run rate, not a forecast: churn and growth of the year to come are not in it.",
        source: "opencoreventures.notion.site, \"Recurring Revenue\": the same revenue by year or by month.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "net_revenue_retention",
        name: "Net revenue retention",
        aliases: &["nrr", "net_mrr_retention", "net_dollar_retention"],
        summary: "What customers at the start pay at the end, relative to what they paid at the start.",
        formula: formula!(((MrrAtStart + ExpansionMrr) - (ContractionMrr + ChurnedMrr)) / MrrAtStart),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(MrrAtStart, "83333"), (ExpansionMrr, "1250"), (ContractionMrr, "833"), (ChurnedMrr, "10000")],
            gives: "0.885",
            from: "help.fincome.co, \"GRR and NRR calculation\": 83,333 + 1,250 − 10,000 − 833 of 83,333, 88.5 %",
        },
        pitfalls: "New customers are not inside. Above 100 % the base grows without them; it hides how many leave.",
        source: "help.fincome.co, \"GRR and NRR calculation\": start plus expansion less churn and contraction, by start.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "gross_revenue_retention",
        name: "Gross revenue retention",
        aliases: &["grr", "gross_mrr_retention", "gross_dollar_retention"],
        summary: "How much of what customers paid at the start is still paid, whoever pays more left out.",
        formula: formula!((MrrAtStart - (ContractionMrr + ChurnedMrr)) / MrrAtStart),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(MrrAtStart, "200000"), (ContractionMrr, "4000"), (ChurnedMrr, "8000")],
            gives: "0.94",
            from: "theprimecalculator.com, \"Gross Retention Rate Calculator Formula\": 188,000 of 200,000, 94 %",
        },
        pitfalls: "Never above 100 %. Gross revenue churn is what is missing to 100 %.",
        source: "dnoise.online, \"GRR formula\": start less churned and contraction, by start.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "quick_ratio",
        name: "Quick ratio",
        aliases: &["saas_quick_ratio"],
        summary: "Recurring revenue won for each unit of recurring revenue lost.",
        formula: formula!((NewMrr + ExpansionMrr) / (ChurnedMrr + ContractionMrr)),
        unit: Unit::Multiple,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(NewMrr, "20000"), (ExpansionMrr, "8000"), (ChurnedMrr, "5000"), (ContractionMrr, "3000")],
            gives: "3.5",
            from: "pitchkit.net, glossary \"Quick ratio\": (20 + 8) / (5 + 3)",
        },
        pitfalls: "Without any loss it is undefined, not infinite. Says nothing of size. Customers who return count as new.",
        source: "retentionlens.com, \"SaaS quick ratio\": new and expansion by churned and contraction.",
        status: SINCE_0_1,
    },
];
