//! Conversion: from a visit or a message to a lead, and from a lead to a customer.

use super::common::SINCE_0_1;
use crate::kpi::Measure::{
    AbandonedCarts, AdClicks, Carts, Clicks, ConversionDays, Conversions, Delivered, FollowedUpWithin1h, LandingConversions,
    LandingVisitors, LeadScore, Leads, Mqls, Opportunities, RecoveredCarts, ResponseSeconds, SalesCycleDays, Sqls, Visitors, Won,
};
use crate::kpi::expr::formula;
use crate::kpi::{Better, Example, Kpi, Population, Unit};

pub(super) static KPIS: &[Kpi] = &[
    Kpi {
        id: "conversion_rate",
        name: "Conversion rate",
        aliases: &["cvr", "visitor_conversion_rate"],
        summary: "Conversions relative to the visitors of the site.",
        formula: formula!(Conversions / Visitors),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Conversions, "10"), (Visitors, "3000")],
            gives: "0.0033",
            from: "Piwik PRO, glossary \"Conversion rate\": 10 conversions, 3,000 visitors, 0.33 %",
        },
        pitfalls: "One visitor may convert several times, so it can exceed 100 %. GA4’s session and user key event \
            rates count converting sessions or users instead.",
        source: "Piwik PRO, glossary \"Conversion rate\"; \"How to measure marketing automation success: key \
            metrics to track\" (2023), \"What is a KPI in marketing automation: measuring the robot’s \
            efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "campaign_conversion_rate",
        name: "Conversion rate of messages",
        aliases: &["email_conversion_rate", "placed_order_rate"],
        summary: "Conversions relative to the messages of the campaign.",
        formula: formula!(Conversions / Recipients),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Conversions, "20"), (Delivered, "1000")],
            gives: "0.02",
            from: "Mailgun, glossary \"Conversion rate\": 20 of 1,000, 2 %",
        },
        pitfalls: "Depends on the platform’s attribution window, which is part of the number. Compare campaign with \
            campaign, not with the rate of the site.",
        source: "Mailgun, glossary \"Conversion rate\": by delivered; Klaviyo, \"Placed order rate\"; \"What is a \
            KPI in marketing automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "click_conversion_rate",
        name: "Conversion rate of clicks in messages",
        aliases: &["conversions_per_click"],
        summary: "Conversions relative to the messages in which somebody clicked.",
        formula: formula!(Conversions / Clicks),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Conversions, "102"), (Clicks, "400")],
            gives: "0.255",
            from: "BCcampus Pressbooks, \"Foundations in Digital Marketing\", exercise: 400 clicks, 102 conversions",
        },
        pitfalls: "Conversions after an open without a click are in the numerator on platforms that credit opens, \
            so it may exceed 100 %.",
        source: "\"What is a KPI in marketing automation: measuring the robot’s efficiency\": conversions by \
            those who clicked.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "ad_conversion_rate",
        name: "Conversion rate of ads",
        aliases: &["ad_cvr", "ads_conversion_rate"],
        summary: "Conversions relative to the clicks on ads.",
        formula: formula!(Conversions / AdClicks),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Conversions, "50"), (AdClicks, "1000")],
            gives: "0.05",
            from: "Google Ads Help, \"Conversion rate: Definition\": 50 conversions from 1,000 interactions, 5 %",
        },
        pitfalls: "Data-driven attribution makes fractions, and a click can have several conversions: it may exceed \
            100 %. Google divides by interactions, which are clicks for search ads.",
        source: "Google Ads Help, \"Conversion rate: Definition\"; \"What is a KPI in marketing automation: \
            measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "landing_page_conversion_rate",
        name: "Conversion rate of landing pages",
        aliases: &["lp_conversion_rate", "lpcr"],
        summary: "Share of a landing page’s visitors who did what it asks for.",
        formula: formula!(LandingConversions / LandingVisitors),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(LandingConversions, "10"), (LandingVisitors, "200")],
            gives: "0.05",
            from: "Piwik PRO, glossary \"Conversion rate\": 10 of 200 visitors of the landing page, 5 %",
        },
        pitfalls: "Counts people: a form sent twice must count once. A page that mixes paid and returning traffic \
            hides both.",
        source: "Piwik PRO, glossary \"Conversion rate\"; \"How to measure marketing automation success: key \
            metrics to track\" (2023).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "lead_conversion_rate",
        name: "Lead conversion rate",
        aliases: &["lead_to_customer_rate", "close_rate", "lead_win_rate"],
        summary: "Share of the leads created that were won as customers.",
        formula: formula!(Won / Leads),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Won, "96"), (Leads, "1200")],
            gives: "0.08",
            from: "calculatorlib.com, \"Lead-to-Customer Conversion Calculator\": 96 deals of 1,200 leads, 8 %",
        },
        pitfalls: "Young leads have not had the time to be won: a recent cohort always looks worse. Klipfolio gives \
            the name to visitors who become leads.",
        source: "calculatorlib.com, \"Lead-to-Customer Conversion Calculator\"; \"How to measure marketing \
            automation success: key metrics to track\" (2023), \"What is a KPI in marketing automation: \
            measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "visitor_to_lead_rate",
        name: "Visitor-to-lead rate",
        aliases: &["visit_to_lead_rate", "traffic_conversion_rate"],
        summary: "Leads relative to the visitors of the site.",
        formula: formula!(Leads / Visitors),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[(Leads, "2000"), (Visitors, "50000")],
            gives: "0.04",
            from: "Klipfolio, \"Lead Conversion Rate\": 2,000 leads, 50,000 visitors, 4 %",
        },
        pitfalls: "Leads from fairs, calls and bought lists never visited the site; keep them out, or the rate says \
            nothing of the site.",
        source: "Corporate Finance Institute, \"Visitor-to-Lead Conversion Rate\"; \"How to measure marketing \
            automation success: key metrics to track\" (2023), \"What is a KPI in marketing automation: \
            measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "lead_to_mql_rate",
        name: "Lead-to-MQL rate",
        aliases: &["mql_rate"],
        summary: "Share of the leads that marketing calls qualified.",
        formula: formula!(Mqls / Leads),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Mqls, "3125"), (Leads, "31250")],
            gives: "0.1",
            from: "Steven Woods (Eloqua), \"Predicting Revenue Through Marketing\", \
                digitalbodylanguage.blogspot.com (2009): 31,250 inquiries, 10 %, 3,125 MQLs",
        },
        pitfalls: "Whoever lowers the bar raises the rate: read it with mql_to_sql_rate. Over the cohort that \
            entered, not over the stages’ totals of a month.",
        source: "webmasterid.com, \"Lead-to-MQL conversion rate\"; \"How to measure marketing automation success: \
            key metrics to track\" (2023), \"What is a KPI in marketing automation: measuring the robot’s \
            efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "mql_to_sql_rate",
        name: "MQL-to-SQL rate",
        aliases: &["mql_sql_rate", "sales_acceptance_rate"],
        summary: "Share of the marketing-qualified leads that sales accepted.",
        formula: formula!(Sqls / Mqls),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Sqls, "250"), (Mqls, "1000")],
            gives: "0.25",
            from: "shno.co, \"MQL to SQL conversion rate\": 250 of 1,000, 25 %",
        },
        pitfalls: "Leads that skip a stage count in it where a later stage is reached; a CRM that counts only dated \
            stages gives another rate.",
        source: "shno.co, \"MQL to SQL conversion rate\"; \"How to measure marketing automation success: key \
            metrics to track\" (2023), \"What is a KPI in marketing automation: measuring the robot’s \
            efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "sql_to_customer_rate",
        name: "SQL-to-customer rate",
        aliases: &["sql_to_won_rate"],
        summary: "Share of the sales-qualified leads that were won.",
        formula: formula!(Won / Sqls),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Won, "18"), (Sqls, "150")],
            gives: "0.12",
            from: "Daymark, \"Lead-to-Customer Conversion\": 150 SQLs, 18 customers, 12 %",
        },
        pitfalls: "Open deals are neither won nor lost yet and stay in the denominator, so the rate of a recent \
            cohort rises later.",
        source: "Daymark, \"Lead-to-Customer Conversion\"; \"How to measure marketing automation success: key \
            metrics to track\" (2023), \"What is a KPI in marketing automation: measuring the robot’s \
            efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "lead_to_opportunity_rate",
        name: "Lead-to-opportunity rate",
        aliases: &["lead_opportunity_rate"],
        summary: "Share of the leads for which a deal was opened.",
        formula: formula!(Opportunities / Leads),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Opportunities, "60"), (Leads, "500")],
            gives: "0.12",
            from: "shno.co, \"Lead to opportunity conversion rate\": 60 of 500, 12 %",
        },
        pitfalls: "Published averages run from 1 % to 40 % because some divide by qualified leads only; fix the \
            denominator before comparing.",
        source: "shno.co, \"Lead to opportunity conversion rate\"; \"How to measure marketing automation success: \
            key metrics to track\" (2023), \"What is a KPI in marketing automation: measuring the robot’s \
            efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "new_leads",
        name: "New leads",
        aliases: &["leads", "lead_count"],
        summary: "Leads created.",
        formula: formula!(Leads),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Leads, "31250")],
            gives: "31250",
            from: "By definition, a total; Steven Woods (Eloqua, 2009) needs 31,250 inquiries for 100 deals",
        },
        pitfalls: "Count people, not form submissions: the same person through two forms is one lead.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023), \"What is a KPI in \
            marketing automation: measuring the robot’s efficiency\", \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "mqls",
        name: "Marketing-qualified leads",
        aliases: &["marketing_qualified_leads"],
        summary: "Leads that marketing calls qualified.",
        formula: formula!(Mqls),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Mqls, "3125")],
            gives: "3125",
            from: "By definition, a total; Steven Woods (Eloqua, 2009): 3,125 MQLs",
        },
        pitfalls: "Every company sets its own bar, so counts compare only within one definition.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023), \"What is a KPI in \
            marketing automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "sqls",
        name: "Sales-qualified leads",
        aliases: &["sales_qualified_leads"],
        summary: "Leads that sales accepted as qualified.",
        formula: formula!(Sqls),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Sqls, "2500")],
            gives: "2500",
            from: "By definition, a total; Steven Woods (Eloqua, 2009): 2,500 leads accepted by sales",
        },
        pitfalls: "Accepted by sales and qualified by sales are two stages in some models; this counts the one that \
            the file dates.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023), \"What is a KPI in \
            marketing automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "opportunities",
        name: "Opportunities",
        aliases: &["deals_opened"],
        summary: "Leads with an open deal.",
        formula: formula!(Opportunities),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Opportunities, "1000")],
            gives: "1000",
            from: "By definition, a total; Steven Woods (Eloqua, 2009): 1,000 opportunities",
        },
        pitfalls: "A count without the value of the deals; two large ones may outweigh fifty.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023), \"What is a KPI in \
            marketing automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "lead_score",
        name: "Lead score",
        aliases: &["median_lead_score"],
        summary: "Score of the scored leads: the median, with mean and 90th percentile.",
        formula: formula!(LeadScore),
        unit: Unit::Score,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(LeadScore, "10 7 4 3 2 1")],
            gives: "3.5",
            from: "NumPy reference, numpy.median: the median of 10, 7, 4, 3, 2, 1 is 3.5",
        },
        pitfalls: "Leads without a score are left out, not counted as 0. Scores of different models do not compare.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023); median and \
            quantiles after Hyndman and Fan (1996), type 7.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "sales_cycle_length",
        name: "Sales cycle length",
        aliases: &["sales_cycle", "days_to_close"],
        summary: "Days from the creation of a lead to its being won: the median, with mean and 90th percentile.",
        formula: formula!(SalesCycleDays),
        unit: Unit::Days,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(SalesCycleDays, "3456000 2592000 5184000 6048000")],
            gives: "50",
            from: "Sisense KPI library, \"Sales Cycle Length\": deals of 40, 30, 60 and 70 days; their mean, 50, is \
                their median too",
        },
        pitfalls: "Only won leads are in it; a deal that drags on is not, until it closes. A few long deals pull \
            the mean far above the median.",
        source: "ChartMogul Help, \"Metric: Average sales cycle length\"; \"How to measure marketing automation \
            success: key metrics to track\" (2023).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "time_to_conversion",
        name: "Time to conversion",
        aliases: &["days_to_convert", "conversion_lag"],
        summary: "Days from the first touch, or else the creation of the lead, to its conversion: the median, with \
            mean and 90th percentile.",
        formula: formula!(ConversionDays),
        unit: Unit::Days,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(ConversionDays, "864000 864000 864000 864000 864000 1728000 1728000 1728000 1728000 1728000")],
            gives: "15",
            from: "ChartMogul Help, \"Metric: Average sales cycle length\": five convert after 10 days, five after \
                20; 15 days",
        },
        pitfalls: "People who have not converted yet are not in it, so a young cohort looks fast.",
        source: "Brainshark (Rekener), \"How to Calculate Lead Conversion Cycle\"; \"What is a KPI in marketing \
            automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "response_time",
        name: "Response time",
        aliases: &["first_response_time", "lead_response_time", "speed_to_lead"],
        summary: "Time from an enquiry to the first response: the median, with mean and 90th percentile.",
        formula: formula!(ResponseSeconds),
        unit: Unit::Seconds,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(ResponseSeconds, "0.1 0.12 0.15 0.2 1")],
            gives: "0.15",
            from: "flyriver.com, \"Median Response Time\": of 100, 120, 150, 200 and 1,000 ms the median is 150 ms \
                (the mean 314 ms)",
        },
        pitfalls: "By the clock, nights and weekends included. Enquiries never answered have no time and drop out: \
            watch follow_up_within_1h beside it.",
        source: "Geckoboard, \"First Response Time\"; \"What is a KPI in marketing automation: measuring the \
            robot’s efficiency\" (which aims at two hours).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "follow_up_within_1h",
        name: "Followed up within an hour",
        aliases: &["follow_up_rate", "contacted_within_1h"],
        summary: "Share of the leads that were answered within an hour.",
        formula: formula!(FollowedUpWithin1h / Leads),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(FollowedUpWithin1h, "4700"), (Leads, "10000")],
            gives: "0.47",
            from: "salesup.club, \"Why Speed to Lead Matters\": of 10,000 leads 2,000, 1,500 and 1,200 were \
                contacted in the first three classes, up to an hour",
        },
        pitfalls: "Over all leads, those never answered included. An automatic confirmation is no answer.",
        source: "\"Calculating the ROI of a marketing automation platform to the last penny\" (2022), after \
            Oldroyd, McElheran and Elkington, \"The Short Life of Online Sales Leads\", Harvard Business \
            Review (2011).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cart_abandonment_rate",
        name: "Cart abandonment rate",
        aliases: &["abandoned_cart_rate"],
        summary: "Share of the carts begun that were left without a purchase.",
        formula: formula!(AbandonedCarts / Carts),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(AbandonedCarts, "2500"), (Carts, "3150")],
            gives: "0.794",
            from: "goodcontent.org, \"Abandonment Rate\": 2,500 abandoned and 650 completed, 79.4 %",
        },
        pitfalls: "Platforms that count checkouts begun rather than carts give less. A cart carried over midnight \
            or to another device may count twice.",
        source: "Nosto Help, \"What Is an Abandoned Cart Rate?\"; \"Calculating the ROI of a marketing automation \
            platform to the last penny\" (2022).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "cart_recovery_rate",
        name: "Cart recovery rate",
        aliases: &["abandoned_cart_recovery_rate"],
        summary: "Share of the abandoned carts that were bought after a reminder.",
        formula: formula!(RecoveredCarts / AbandonedCarts),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(RecoveredCarts, "50"), (AbandonedCarts, "500")],
            gives: "0.1",
            from: "marketingroicalculator.com, glossary \"Cart Recovery Rate\": 50 of 500 carts, 10 %",
        },
        pitfalls: "Some of these buyers would have come back without the reminder; only a group held back from it \
            tells how many.",
        source: "marketingroicalculator.com, glossary \"Cart Recovery Rate\"; \"Calculating the ROI of a \
            marketing automation platform to the last penny\" (2022).",
        status: SINCE_0_1,
    },
];
