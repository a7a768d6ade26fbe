//! Running the automation itself: what it saves and what it costs.

use super::common::{AUTOMATION_BENEFIT, AUTOMATION_COST, LABOUR, SINCE_0_1};
use crate::kpi::Measure::{Calls, DemosBooked, LabourSaved, MinutesSaved, PlatformCost};
use crate::kpi::expr::formula;
use crate::kpi::{Better, Example, Kpi, Population, Unit};

pub(super) static KPIS: &[Kpi] = &[
    Kpi {
        id: "hours_saved",
        name: "Hours saved",
        aliases: &["time_saved"],
        summary: "Hours of manual work that the automation saved.",
        formula: formula!(MinutesSaved / 60),
        unit: Unit::Hours,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[(MinutesSaved, "540")],
            gives: "9",
            from: "tenzing.ie, \"The cost of repetitive work\": 45 minutes for each of 12 clients, 540 minutes, 9 hours",
        },
        pitfalls: "Summed row by row, (by hand − automated) × runs: a mean of minutes times a sum of runs is \
            another number. Time for errors and upkeep belongs in the automated minutes.",
        source: "\"Calculating the ROI of a marketing automation platform to the last penny\" (2022); \
            automate-it.dev, \"Calculation methodology\": minutes by 60.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "labour_savings",
        name: "Labour savings",
        aliases: &["labor_savings"],
        summary: "Cost of labour saved and of people no longer needed, as far as known; which ones is said.",
        formula: LABOUR,
        unit: Unit::Money,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[(LabourSaved, "81000")],
            gives: "81000",
            from: "Automation Anywhere documentation, \"Savings and man hours calculation\": 1,620 hours at 50 are \
                81,000",
        },
        pitfalls: "Hours saved are money only where they are used for something else or no longer paid. The same \
            person must not be in both parts.",
        source: "\"Calculating the ROI of a marketing automation platform to the last penny\" (2022); Automation \
            Anywhere documentation, \"Savings and man hours calculation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "automation_roi",
        name: "Return on the automation",
        aliases: &["automation_return"],
        summary: "Labour saved and margin on added revenue, less the cost of platform, set-up and training, by \
            that cost; which parts is said.",
        formula: formula!(([AUTOMATION_BENEFIT] - [AUTOMATION_COST]) / [AUTOMATION_COST]),
        unit: Unit::Multiple,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[(LabourSaved, "150000"), (PlatformCost, "50000")],
            gives: "2",
            from: "autobusinessos.com, \"How to Calculate Real ROI from Business Automation\" (2025): benefits of \
                150,000, costs of 50,000, 200 %",
        },
        pitfalls: "The net return: 10 means eleven times the cost came back. Costs and savings must cover the same \
            months, and set-up is paid once.",
        source: "\"What is a KPI in marketing automation: measuring the robot’s efficiency\", \"Calculating the \
            ROI of a marketing automation platform to the last penny\" (2022) (the first aims at 10); \
            cedarops.com, \"Automation ROI framework\": (savings − costs) / costs.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "calls",
        name: "Calls",
        aliases: &["sales_calls"],
        summary: "Sales calls made.",
        formula: formula!(Calls),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example { given: &[(Calls, "250")], gives: "250", from: "By definition, a total" },
        pitfalls: "Activity, not result: read it beside demos_booked and the stage rates.",
        source: "\"What is a KPI in marketing automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "demos_booked",
        name: "Demonstrations booked",
        aliases: &["demos", "booked_demos"],
        summary: "Demonstrations booked with prospects.",
        formula: formula!(DemosBooked),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example { given: &[(DemosBooked, "40")], gives: "40", from: "By definition, a total" },
        pitfalls: "Booked is not held: those who do not turn up are in it.",
        source: "\"What is a KPI in marketing automation: measuring the robot’s efficiency\".",
        status: SINCE_0_1,
    },
];
