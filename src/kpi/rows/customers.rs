//! Customers: how many are gained, kept and lost, what they are worth and what they think.

use super::common::{CLV, SINCE_0_1};
use crate::kpi::Measure::{
    Answers, Customers, CustomersAtEnd, CustomersAtStart, Detractors, GrossMargin, LostCustomers, NewCustomers,
    OnboardedCustomers, Passives, PeriodDays, Promoters, RepeatCustomers, Revenue, SatisfiedAnswers,
};
use crate::kpi::expr::formula;
use crate::kpi::{Better, Example, Kpi, Population, Unit};

pub(super) static KPIS: &[Kpi] = &[
    Kpi {
        id: "new_customers",
        name: "New customers",
        aliases: &["customers_acquired"],
        summary: "Customers gained in the period.",
        formula: formula!(NewCustomers),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(NewCustomers, "20")],
            gives: "20",
            from: "By definition, a total; okrify.com, \"New Customer Growth Rate\": 20 new customers in the month",
        },
        pitfalls: "A returning customer is not new. From an order file a customer is new where the first order of \
            the whole file lies in the period.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "acquisition_rate",
        name: "Customer acquisition rate",
        aliases: &["new_customer_growth_rate", "customer_acquisition_rate"],
        summary: "Customers gained relative to the customers at the start of the period.",
        formula: formula!(NewCustomers / CustomersAtStart),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(NewCustomers, "20"), (CustomersAtStart, "100")],
            gives: "0.2",
            from: "okrify.com, \"New Customer Growth Rate\": 100 customers at the start, 20 gained, 20 %",
        },
        pitfalls: "Says nothing of those lost: the base may shrink at a high acquisition rate. Others divide by \
            leads or prospects under the same name.",
        source: "okrify.com, \"New Customer Growth Rate\"; \"How to measure marketing automation success: key \
            metrics to track\" (2023).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "new_customers_per_day",
        name: "New customers a day",
        aliases: &["daily_new_customers"],
        summary: "Customers gained a day of the period, on average.",
        formula: formula!(NewCustomers / PeriodDays),
        unit: Unit::Number,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(NewCustomers, "20"), (PeriodDays, "31")],
            gives: "0.645",
            from: "By definition: 20 new customers in a month of 31 days",
        },
        pitfalls: "The period is the days that the data cover, first and last included, not the days on which \
            something happened.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023): customers acquired \
            in a period.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "retention_rate",
        name: "Customer retention rate",
        aliases: &["customer_retention_rate", "crr"],
        summary: "Share of the customers at the start who are still customers at the end.",
        formula: formula!((CustomersAtEnd - NewCustomers) / CustomersAtStart),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(CustomersAtStart, "1000"), (NewCustomers, "250"), (CustomersAtEnd, "1100")],
            gives: "0.85",
            from: "agilebrandguide.com, \"Retention Rate\": 1,000 at the start, 250 gained, 1,100 at the end, 85 %",
        },
        pitfalls: "Customers gained and lost within the period make it too low. The period is part of it: 95 % a \
            month is 54 % a year.",
        source: "Piwik PRO, glossary \"Customer retention rate\"; \"How to measure marketing automation success: \
            key metrics to track\" (2023), \"What is a KPI in marketing automation: measuring the robot’s \
            efficiency\", \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "churn_rate",
        name: "Customer churn rate",
        aliases: &["logo_churn", "customer_churn_rate", "attrition_rate"],
        summary: "Share of the customers at the start who were lost in the period.",
        formula: formula!(LostCustomers / CustomersAtStart),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(LostCustomers, "10"), (CustomersAtStart, "250")],
            gives: "0.04",
            from: "Glarity, \"How can I calculate churn rate for my business\" (2024): 10 of 250 lost, 4 %",
        },
        pitfalls: "Customers gained and lost within the period belong in neither side. Monthly rates do not add up \
            to the yearly one: 3 % a month is 30.6 % a year.",
        source: "fructifi.com, \"Customer churn rate\": lost by customers at the start; Stripe adds new customers \
            to the denominator. \"How to measure marketing automation success: key metrics to track\" \
            (2023).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "clv",
        name: "Customer lifetime value",
        aliases: &["ltv", "cltv", "customer_lifetime_value", "lifetime_value"],
        summary: "What a customer brings in over the whole relation: revenue per customer and period, times gross \
            margin, by churn rate.",
        formula: CLV,
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[
                (Revenue, "5000"),
                (Customers, "100"),
                (GrossMargin, "0.70"),
                (LostCustomers, "3"),
                (CustomersAtStart, "100"),
            ],
            gives: "1166.67",
            from: "theprimecalculator.com, \"Customer Lifetime Value Calculator Formula\": 50 a month, margin 70 %, \
                churn 3 % a month, 1,166.67",
        },
        pitfalls: "Revenue and churn must be of the same period. Supposes that both stay as they are for ever; with \
            a churn of 0 there is no value, not an infinite one. The models of mak clv forecast each customer instead; \
            they leave the first purchase out of what a purchase is worth, because only those after it are as many as \
            the frequency, and a first order may be a trial.",
        source: "pathak.ventures, glossary \"LTV\": revenue per account times gross margin by churn; \"How to \
            measure marketing automation success: key metrics to track\" (2023), \"Calculating the ROI of a \
            marketing automation platform to the last penny\" (2022), \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "clv_historic",
        name: "Customer lifetime value to date",
        aliases: &["historic_clv", "historical_ltv", "revenue_per_customer"],
        summary: "Net revenue that a customer has brought in so far, on average.",
        formula: formula!(Revenue / Customers),
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Revenue, "1000000"), (Customers, "10000")],
            gives: "100",
            from: "mymarketingdeal.com, \"Average Revenue Per User\": 1 million from 10,000 customers, 100 each",
        },
        pitfalls: "Young customers have not had the time to spend: it grows with the age of the file and says \
            nothing of the future.",
        source: "\"How to measure marketing automation success: key metrics to track\" (2023), \"13 KPIs of \
            marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "csat",
        name: "Customer satisfaction",
        aliases: &["customer_satisfaction", "csat_score"],
        summary: "Share of the answers that are satisfied: 4 or 5 of 5.",
        formula: formula!(SatisfiedAnswers / Answers),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(SatisfiedAnswers, "74"), (Answers, "107")],
            gives: "0.6916",
            from: "Delighted Help, \"How is CSAT calculated?\": 42 fives and 32 fours of 107 answers, 69.16 %",
        },
        pitfalls: "A mean score is another number under the same name. Those who do not answer are not asked about: \
            print the response rate beside it.",
        source: "Delighted Help, \"How is CSAT calculated?\"; \"How to measure marketing automation success: key \
            metrics to track\" (2023), \"Calculating the ROI of a marketing automation platform to the last \
            penny\" (2022).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "nps",
        name: "Net promoter score",
        aliases: &["net_promoter_score"],
        summary: "Promoters (9 or 10) less detractors (0 to 6), in points of all answers.",
        formula: formula!((100 * (Promoters - Detractors)) / ((Promoters + Passives) + Detractors)),
        unit: Unit::Points,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Promoters, "30"), (Passives, "50"), (Detractors, "20")],
            gives: "10",
            from: "DELA annual report 2018, glossary \"Net Promotor Score\": 30 % promoters, 20 % detractors, +10",
        },
        pitfalls: "From −100 to 100, not a percentage. Small samples swing by tens of points; passives count in the \
            denominator.",
        source: "Reichheld, \"The One Number You Need to Grow\", Harvard Business Review (2003); \"Calculating \
            the ROI of a marketing automation platform to the last penny\" (2022).",
        status: SINCE_0_1,
    },
    Kpi {
        id: "repeat_purchase_rate",
        name: "Repeat purchase rate",
        aliases: &["repeat_customer_rate"],
        summary: "Share of the customers with two orders or more.",
        formula: formula!(RepeatCustomers / Customers),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(RepeatCustomers, "340"), (Customers, "1200")],
            gives: "0.2833",
            from: "toolroost.com, \"Repeat Purchase Rate Calculator\" (2026): 340 of 1,200, 28.33 %",
        },
        pitfalls: "Depends on the length of the file: a longer one gives more. Shopify’s returning customer rate \
            looks at the period’s buyers instead.",
        source: "Wall Street Prep, \"Repeat Purchase Rate\"; \"Calculating the ROI of a marketing automation \
            platform to the last penny\" (2022), \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "onboarding_rate",
        name: "Onboarding completion rate",
        aliases: &["onboarding_completion_rate"],
        summary: "Share of the new customers who finished onboarding.",
        formula: formula!(OnboardedCustomers / NewCustomers),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(OnboardedCustomers, "150"), (NewCustomers, "200")],
            gives: "0.75",
            from: "onboarding-hub.com, glossary \"Onboarding Completion Rate\": 150 of 200, 75 %",
        },
        pitfalls: "Customers of the last days have not had the time to finish. Count those who finished among the \
            new ones, not all who finished in the period.",
        source: "onboarding-hub.com, glossary \"Onboarding Completion Rate\"; \"What is a KPI in marketing \
            automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
];
