//! Value: the revenue, what it cost, and one against the other.

use super::common::{CAC, CLV, COST, GAIN, MONTHLY_REVENUE_PER_CUSTOMER, SINCE_0_1};
use crate::kpi::Measure::{
    AdClicks, AttributedRevenue, ConversionValue, Conversions, Customers, CustomersAtStart, Delivered, GrossMargin, Impressions,
    InfluencedRevenue, Leads, LostCustomers, Mqls, NewCustomers, NewRevenue, Orders, PeopleCost, PeriodDays, RepeatRevenue,
    Revenue, Spend,
};
use crate::kpi::expr::formula;
use crate::kpi::{Better, Example, Expr, Kpi, Population, Unit};

pub(super) static KPIS: &[Kpi] = &[
    Kpi {
        id: "revenue",
        name: "Revenue",
        aliases: &["net_revenue", "net_sales", "revenue_by_channel"],
        summary: "Revenue net of refunds; with --by channel, the revenue by channel.",
        formula: formula!(Revenue),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Revenue, "82800")],
            gives: "82800",
            from: "By definition, a total; pulsafutura.com, \"Sales Revenue Calculator\": 90,000 less 7,200 of \
                returns is 82,800",
        },
        pitfalls: "Net of refunds; whether tax and shipping are inside depends on the export. One currency only.",
        source: "dema.ai, glossary \"Net Sales\": gross sales less returns; \"What is a KPI in marketing \
            automation: measuring the robot’s efficiency\", \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "new_revenue",
        name: "Revenue from new customers",
        aliases: &["new_customer_revenue"],
        summary: "Net revenue of customers whose first order lies in the period.",
        formula: formula!(NewRevenue),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(NewRevenue, "92000")],
            gives: "92000",
            from: "By definition, a total; Calclet, \"Returning revenue share\": 92,000 from first-time buyers",
        },
        pitfalls: "New is judged on the whole file, before any filter of dates: a file that begins with the period \
            makes everybody new.",
        source: "\"What is a KPI in marketing automation: measuring the robot’s efficiency\", \"13 KPIs of \
            marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "repeat_customer_revenue",
        name: "Revenue from repeat customers",
        aliases: &["repeat_customers_revenue", "returning_customer_revenue"],
        summary: "Net revenue of customers with two orders or more, their first orders included.",
        formula: formula!(RepeatRevenue),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(RepeatRevenue, "168000")],
            gives: "168000",
            from: "By definition, a total; Calclet, \"Returning revenue share\": 168,000 from returning shoppers",
        },
        pitfalls: "All orders of a repeat customer count, the first one too. It is therefore not revenue less \
            new_revenue.",
        source: "\"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "repeat_customer_revenue_share",
        name: "Share of revenue from repeat customers",
        aliases: &["returning_revenue_share"],
        summary: "Net revenue of customers with two orders or more, relative to all net revenue.",
        formula: formula!(RepeatRevenue / Revenue),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(RepeatRevenue, "168000"), (Revenue, "260000")],
            gives: "0.6462",
            from: "Calclet, \"Returning revenue share\": 168,000 of 260,000, about 64.62 %",
        },
        pitfalls: "A high share may mean loyalty or that no new customers come. Guest checkouts hide repeat customers.",
        source: "Klipfolio, \"Revenue from Repeat Online Customers\"; \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "attributed_revenue",
        name: "Attributed revenue",
        aliases: &["credited_revenue"],
        summary: "Revenue that an attribution model, or the platform, credits to marketing.",
        formula: formula!(AttributedRevenue),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(AttributedRevenue, "166667")],
            gives: "166667",
            from: "By definition, a total; MetricRig, \"How to Calculate Marketing Attributed Revenue\": 166,667 a \
                touch in its linear example",
        },
        pitfalls: "The model and its look-back window are part of the number. Two platforms may claim the same \
            order, so their sums can exceed the revenue.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "marketing_influenced_revenue",
        name: "Share of revenue influenced by marketing",
        aliases: &["influenced_revenue_share", "marketing_influenced_revenue_rate"],
        summary: "Revenue of customers with at least one marketing touch before they bought, relative to all revenue.",
        formula: formula!(InfluencedRevenue / Revenue),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(InfluencedRevenue, "150000000"), (Revenue, "500000000")],
            gives: "0.3",
            from: "insia.ai, \"Sales Growth Attributed to Marketing\": 15 crore of 50 crore, 30 %",
        },
        pitfalls: "A touch is not a cause. Rows by channel overlap and must not be added: one order may have been \
            touched by all of them.",
        source: "insia.ai, \"Sales Growth Attributed to Marketing\": revenue influenced by total revenue; \"How \
            to measure marketing automation success: key metrics to track\" (2023).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "revenue_per_recipient",
        name: "Revenue per recipient",
        aliases: &["rpr", "revenue_per_email"],
        summary: "Revenue of a campaign for each message.",
        formula: formula!(Revenue / Recipients),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Revenue, "60000"), (Delivered, "248000")],
            gives: "0.24",
            from: "Phil Weltman, \"Calculate revenue per recipient for small business email marketing\", Klaviyo \
                blog (2017): 60,000 from 248,000 delivered (250,000 sent)",
        },
        pitfalls: "The revenue is what the platform attributes within its window. Orders of people who were not \
            sent the campaign do not belong in it.",
        source: "Klaviyo Help Center, \"How to calculate revenue per recipient\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "roi",
        name: "Return on investment",
        aliases: &["romi", "marketing_roi", "return_on_investment"],
        summary: "What came back beyond each unit of money spent: the gain less the cost, by the cost; which gain \
            and which costs is said.",
        formula: formula!(([GAIN] - [COST]) / [COST]),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[(Revenue, "20000"), (Spend, "5000")],
            gives: "3",
            from: "attributy.com, \"Marketing ROI formula\": 5,000 spent, 20,000 of revenue, 300 %",
        },
        pitfalls: "Counts all revenue unless an attribution model ran, and revenue rather than margin. A cost that \
            no file holds makes it too good.",
        source: "attributy.com, \"Marketing ROI formula\": (revenue − cost) / cost; \"How to measure marketing \
            automation success: key metrics to track\" (2023), \"What is a KPI in marketing automation: \
            measuring the robot’s efficiency\", \"Calculating the ROI of a marketing automation platform to \
            the last penny\" (2022), \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "roas",
        name: "Return on ad spend",
        aliases: &["return_on_ad_spend"],
        summary: "Conversion value for each unit of money spent on ads.",
        formula: formula!(ConversionValue / Spend),
        unit: Unit::Multiple,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(ConversionValue, "5000"), (Spend, "1000")],
            gives: "5",
            from: "Vertical Rail, knowledge base \"Calculate ROAS\": 5,000 of revenue for 1,000 spent, 5:1",
        },
        pitfalls: "Not ROI: a ROAS of 1 has earned nothing and still paid for the goods. The value is what the \
            platform claims for itself.",
        source: "Vertical Rail, knowledge base \"Calculate ROAS\"; Google Ads, \"Conv. value / cost\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cac",
        name: "Customer acquisition cost",
        aliases: &["customer_acquisition_cost", "cost_per_customer"],
        summary: "What it costs to win a customer: all costs that are known, by new customers; which costs is said.",
        formula: CAC,
        unit: Unit::Money,
        better: Better::Lower,
        population: Population::Joined,
        example: Example {
            given: &[(Spend, "10000"), (PeopleCost, "5000"), (NewCustomers, "30")],
            gives: "500",
            from: "OpenMeter, glossary \"Customer Acquisition Cost\": 10,000 of marketing and 5,000 of sales, 30 \
                customers, 500 each",
        },
        pitfalls: "Ad spend alone makes it look several times better than it is. Customers won now were paid for in \
            earlier periods.",
        source: "OpenMeter, glossary \"Customer Acquisition Cost\"; \"What is a KPI in marketing automation: \
            measuring the robot’s efficiency\", \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cpa",
        name: "Cost per acquisition",
        aliases: &["cost_per_acquisition", "cost_per_conversion", "cost_per_action"],
        summary: "Ad spend for each conversion or, where those are not known, for each new customer; which one is \
            said.",
        formula: Expr::FirstOf(&[formula!(Spend / Conversions), formula!(Spend / NewCustomers)]),
        unit: Unit::Money,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(Spend, "100"), (Conversions, "2")],
            gives: "50",
            from: "Dallas McLaughlin, \"PPC Forecast\", dallasmclaughlin.com: 100 spent, 2 conversions, 50 each",
        },
        pitfalls: "A conversion may be a download: compare only the same kind of conversion. Whole cost by customer \
            is cac.",
        source: "Google Ads, \"Cost / conv.\"; \"How to measure marketing automation success: key metrics to \
            track\" (2023), \"What is a KPI in marketing automation: measuring the robot’s efficiency\" \
            (both by new customers).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cpl",
        name: "Cost per lead",
        aliases: &["cost_per_lead"],
        summary: "Ad spend for each lead.",
        formula: formula!(Spend / Leads),
        unit: Unit::Money,
        better: Better::Lower,
        population: Population::Joined,
        example: Example {
            given: &[(Spend, "750"), (Leads, "250")],
            gives: "3",
            from: "Morning Dough, \"What is CPL?\": 750 for 250 leads, 3 each",
        },
        pitfalls: "Leads that no ad brought in make it look too good; group by channel. A cheap lead may never buy.",
        source: "Morning Dough, \"What is CPL?\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cost_per_mql",
        name: "Cost per MQL",
        aliases: &["cpmql"],
        summary: "Ad spend for each marketing-qualified lead.",
        formula: formula!(Spend / Mqls),
        unit: Unit::Money,
        better: Better::Lower,
        population: Population::Joined,
        example: Example {
            given: &[(Spend, "5000"), (Mqls, "30")],
            gives: "166.67",
            from: "CalcBee, \"Cost Per MQL Calculator\": 100 leads at 50, 30 % qualified, 166.67",
        },
        pitfalls: "Leads qualify weeks after they were paid for, so spend and MQLs of one month are of different \
            people.",
        source: "CalcBee, \"Cost Per MQL Calculator\"; TripleDart, glossary \"Cost Per MQL\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cpc",
        name: "Cost per click",
        aliases: &["cost_per_click", "avg_cpc"],
        summary: "Ad spend for each click on an ad.",
        formula: formula!(Spend / AdClicks),
        unit: Unit::Money,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(Spend, "1000"), (AdClicks, "200")],
            gives: "5",
            from: "Swoop Digital (Carol Poole), \"Google Ads Metrics\" (2019): 1,000 for 200 clicks, 5 each",
        },
        pitfalls: "The mean of the rows’ prices is not this: clicks weigh. Platforms round each row’s price, so \
            recompute from spend and clicks.",
        source: "Google Ads Help, \"Average cost-per-click (Avg. CPC): Definition\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cpm",
        name: "Cost per thousand impressions",
        aliases: &["cost_per_mille", "cost_per_thousand_impressions"],
        summary: "Ad spend for a thousand times an ad was shown.",
        formula: formula!((1000 * Spend) / Impressions),
        unit: Unit::Money,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(Spend, "60"), (Impressions, "15000")],
            gives: "4",
            from: "0685.com, \"How to calculate CPM\": 60 for 15,000 impressions, 4 a thousand",
        },
        pitfalls: "Viewable impressions give a higher price than served ones; platforms differ in which they count.",
        source: "Google Ads Help, \"Cost-per-thousand impressions (CPM): Definition\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "ltv_cac",
        name: "LTV to CAC",
        aliases: &["ltv_to_cac", "ltv_cac_ratio", "clv_cac"],
        summary: "Customer lifetime value as a multiple of what it costs to win a customer.",
        formula: formula!([CLV] / [CAC]),
        unit: Unit::Multiple,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[
                (Revenue, "5000"),
                (Customers, "100"),
                (GrossMargin, "1"),
                (LostCustomers, "10"),
                (CustomersAtStart, "100"),
                (Spend, "1000"),
                (NewCustomers, "10"),
            ],
            gives: "5",
            from: "mrcalcu.com, \"LTV to CAC Ratio Calculator\": LTV 500, CAC 100, 5:1 (LTV as 50 a period at 10 % \
                churn)",
        },
        pitfalls: "Healthy from 3; far above 5 may mean that too little is spent on growth. A lifetime value of \
            revenue rather than margin flatters it.",
        source: "statsforstartups.com, \"LTV:CAC Ratio\"; \"What is a KPI in marketing automation: measuring the \
            robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cac_payback_months",
        name: "CAC payback",
        aliases: &["cac_payback", "payback_months"],
        summary: "Months until a customer’s gross margin has paid for winning the customer.",
        formula: formula!([CAC] / ([MONTHLY_REVENUE_PER_CUSTOMER] * GrossMargin)),
        unit: Unit::Months,
        better: Better::Lower,
        population: Population::Joined,
        example: Example {
            given: &[
                (Spend, "120000"),
                (NewCustomers, "100"),
                (Revenue, "480000"),
                (Customers, "100"),
                (PeriodDays, "1461"),
                (GrossMargin, "0.80"),
            ],
            gives: "15",
            from: "calculatorlib.com, \"CAC Payback Period Calculator\": CAC 1,200, 100 a month, margin 80 %, 15 months",
        },
        pitfalls: "Revenue instead of margin makes it too short. Customers who leave before they have paid back are \
            not in it. A month has 30.4375 days.",
        source: "calculatorlib.com, \"CAC Payback Period Calculator\"; after David Skok, \"SaaS Metrics 2.0\", \
            forentrepreneurs.com.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "aov",
        name: "Average order value",
        aliases: &["average_order_value"],
        summary: "Net revenue for each order.",
        formula: formula!(Revenue / Orders),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Revenue, "35000"), (Orders, "400")],
            gives: "87.50",
            from: "Klipfolio, \"Average Order Value\": 35,000 over 400 orders, 87.50",
        },
        pitfalls: "A few large orders pull it up. Orders that were cancelled or voided must leave both sides, and a \
            line item is not an order.",
        source: "Klipfolio, \"Average Order Value\"; Omniconvert, \"Average Order Value (AOV)\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "arpu",
        name: "Average revenue per customer",
        aliases: &["arpa", "average_revenue_per_user", "average_revenue_per_customer"],
        summary: "Net revenue of the period for each customer who ordered in it.",
        formula: formula!(Revenue / Customers),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Revenue, "200000"), (Customers, "2500")],
            gives: "80",
            from: "saasmaths.com, \"Average Revenue Per User\": 200,000 from 2,500 users in a quarter, 80",
        },
        pitfalls: "Over customers who ordered, not over all accounts. The period is part of it: a quarter gives \
            three times a month.",
        source: "saasmaths.com, \"Average Revenue Per User\".",
        status: SINCE_0_1,
    },
];
