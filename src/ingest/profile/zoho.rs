//! Zoho CRM: campaigns, leads, potentials (deals) and the members of campaigns.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{Bounces, Opens, Replies, Revenue, Sent, Spend, Unsubscribes};
use crate::measures::{Kind, Stage};

const CONVERTED: &str = "A converted lead has become a potential; whether it was won, the potentials say.";

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "zoho-campaigns",
        platform: "zoho",
        export: "campaigns",
        kind: Kind::Campaigns,
        evidence: Evidence::RealFile,
        signature: &["Campaign Name", "Expected Revenue", "Budgeted Cost", "Actual Cost"],
        columns: CAMPAIGNS,
        notes: &[
            "Money is rounded and shortened: $342.09K, $1,117.10K.",
            "The expected revenue and the budget are plans; only the actual cost counts.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "zoho-leads-analytics",
        platform: "zoho",
        export: "leads (Zoho Analytics)",
        kind: Kind::Leads,
        evidence: Evidence::RealFile,
        signature: &["LEADID", "Lead Source", "Lead Status", "CONVERTED"],
        columns: ANALYTICS_LEADS,
        notes: &[CONVERTED, "Dates are written 15 Apr, 2021 00:03:00."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "zoho-leads",
        platform: "zoho",
        export: "leads (Zoho CRM)",
        kind: Kind::Leads,
        evidence: Evidence::Fixture,
        signature: &["Record Id", "Lead Name", "Lead Source", "Lead Status"],
        columns: LEADS,
        notes: &["Leads that were converted are not in this export.", "\"Annual Revenue\" is the revenue of the lead's company."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "zoho-potentials",
        platform: "zoho",
        export: "potentials (deals)",
        kind: Kind::Deals,
        evidence: Evidence::RealFile,
        signature: &["Potential Name", "Closing Date", "Stage"],
        columns: POTENTIALS,
        stages: STAGES,
        notes: &[
            "The amount counts as revenue for potentials that are won only.",
            "The closing date of an open potential is when it is expected to close.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "zoho-campaign-members",
        platform: "zoho",
        export: "campaign members",
        kind: Kind::Campaigns,
        evidence: Evidence::RealFile,
        signature: &["Campaign Name", "Lead First Name", "Lead Last Name", "Status"],
        columns: MEMBERS,
        notes: &[
            "A row is a member with the last status only: who opened and then opted out does not count as an open.",
            "A response counts as an open too; members that are only planned or invited add nothing.",
        ],
        ..Profile::DEFAULT
    },
];

const CAMPAIGNS: &[Column] = &[
    col(&["CAMPAIGNID", "Campaign Id", "Record Id"], Role::Id),
    dimension(&["Campaign Name"], "campaign"),
    dimension(&["Type"], "channel"),
    dimension(&["Status"], "status"),
    dimension(&["Campaign Owner"], "owner"),
    col(&["Start Date"], Role::Date),
    col(&["End Date"], Role::DateEnd),
    measure(&["Actual Cost"], &[Spend]),
    col(&["Currency"], Role::Currency),
    col(&["Expected Revenue"], Role::Ignored),
    col(&["Budgeted Cost"], Role::Ignored),
    col(&["Created Time"], Role::Ignored),
    col(&["Modified Time"], Role::Ignored),
];

const ANALYTICS_LEADS: &[Column] = &[
    col(&["LEADID"], Role::LeadId),
    col(&["Created Time"], Role::StageDate(Stage::Lead)),
    col(&["CONVERTED"], Role::StageFlag(Stage::Opportunity)),
    dimension(&["Lead Source"], "source"),
    dimension(&["Lead Status"], "status"),
    dimension(&["Lead Owner"], "owner"),
    dimension(&["Industry"], "industry"),
    col(&["Last Name"], Role::Ignored),
    col(&["First Name"], Role::Ignored),
    col(&["Company"], Role::Ignored),
    col(&["Email"], Role::Ignored),
    col(&["Mobile"], Role::Ignored),
    col(&["Website"], Role::Ignored),
    // A column of somebody's formula over "Created Time".
    col(&["month_Created Time1"], Role::Ignored),
];

const LEADS: &[Column] = &[
    col(&["Record Id"], Role::LeadId),
    col(&["Created Time"], Role::StageDate(Stage::Lead)),
    dimension(&["Lead Source"], "source"),
    dimension(&["Lead Status"], "status"),
    dimension(&["Lead Owner"], "owner"),
    dimension(&["Industry"], "industry"),
    dimension(&["Country"], "country"),
    dimension(&["Rating"], "rating"),
    col(&["Lead Owner.id"], Role::Id),
    col(&["Lead Name"], Role::Ignored),
    col(&["First Name"], Role::Ignored),
    col(&["Last Name"], Role::Ignored),
    col(&["Company"], Role::Ignored),
    col(&["Email"], Role::Ignored),
    col(&["Phone"], Role::Ignored),
    col(&["Mobile"], Role::Ignored),
    col(&["Website"], Role::Ignored),
    col(&["Annual Revenue"], Role::Ignored),
    col(&["No. of Employees"], Role::Ignored),
    col(&["Modified Time"], Role::Ignored),
    col(&["Last Activity Time"], Role::Ignored),
];

const POTENTIALS: &[Column] = &[
    col(&["LEADID", "Lead Id"], Role::LeadId),
    col(&["Record Id", "POTENTIALID"], Role::Id),
    col(&["Campaign Id", "CAMPAIGNID"], Role::Id),
    col(&["Stage"], Role::StageName),
    col(&["Created Time"], Role::StageDate(Stage::Opportunity)),
    col(&["Closing Date"], Role::CloseDate),
    measure(&["Amount"], &[Revenue]),
    col(&["Currency"], Role::Currency),
    dimension(&["Potential Name", "Deal Name"], "deal"),
    dimension(&["Potential Owner", "Deal Owner"], "owner"),
    dimension(&["Lead Source"], "source"),
    dimension(&["Campaign Source"], "campaign"),
    dimension(&["Type"], "type"),
    dimension(&["Forecast Type"], "forecast type"),
    dimension(&["Age Tier"], "age tier"),
    dimension(&["Amount Tier"], "amount tier"),
    col(&["Expected Revenue"], Role::Ignored),
    col(&["Probability", "Probability (%)"], Role::Ignored),
    col(&["Age in Days"], Role::Ignored),
    col(&["Tasks Involved"], Role::Ignored),
    col(&["Events Involved"], Role::Ignored),
    // Calls logged against the deal, by sales and others alike: no measure of a campaign.
    col(&["Calls Involved"], Role::Ignored),
    col(&["Activities Involved"], Role::Ignored),
    col(&["Modified Time"], Role::Ignored),
];

const STAGES: &[(&str, Stage)] = &[
    ("qualification", Stage::Opportunity),
    ("needs analysis", Stage::Opportunity),
    ("value proposition", Stage::Opportunity),
    ("id. decision makers", Stage::Opportunity),
    ("identify decision makers", Stage::Opportunity),
    ("perception analysis", Stage::Opportunity),
    ("proposal/price quote", Stage::Opportunity),
    ("proposal/quote", Stage::Opportunity),
    ("negotiation/review", Stage::Opportunity),
    ("closed won", Stage::Won),
    ("closed lost", Stage::Lost),
    ("closed lost to competition", Stage::Lost),
    ("closed-lost to competition", Stage::Lost),
];

const MEMBERS: &[Column] = &[
    dimension(&["Campaign Name"], "campaign"),
    col(&["Status"], Role::Outcome(MEMBER_STATUS)),
    col(&["Last Modified Time"], Role::Date),
    dimension(&["Is Lead Active?"], "active"),
    col(&["Lead First Name"], Role::Ignored),
    col(&["Lead Last Name"], Role::Ignored),
];

/// Every status but the first two implies that the message was sent.
const MEMBER_STATUS: &[(&str, &[crate::kpi::Measure])] = &[
    ("planned", &[]),
    ("invited", &[]),
    ("sent", &[Sent]),
    ("received", &[Sent]),
    ("opened", &[Sent, Opens]),
    ("responded", &[Sent, Opens, Replies]),
    ("bounced", &[Sent, Bounces]),
    ("opted out", &[Sent, Unsubscribes]),
];
