//! Pipedrive: deals.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::Revenue;
use crate::measures::{Kind, Stage};

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "pipedrive-deals",
    platform: "pipedrive",
    export: "deals",
    kind: Kind::Deals,
    evidence: Evidence::SecondHand,
    signature: &["Deal - Title", "Deal - Value", "Deal - Status"],
    columns: DEALS,
    stages: &[("open", Stage::Opportunity), ("won", Stage::Won), ("lost", Stage::Lost)],
    rules: &[super::Rule {
        column: "Deal - Status",
        when: super::When::Is(&["deleted"]),
        why: "deleted in Pipedrive",
        word: "deleted",
    }],
    notes: &[
        "The value counts as revenue for deals that are won only.",
        "Dates and the decimal mark follow the user's locale: 31.12.2026 and 1 234,56.",
        "The user chooses the columns; each is named \"Entity - Field\".",
    ],
    ..Profile::DEFAULT
}];

const DEALS: &[Column] = &[
    col(&["Deal - ID"], Role::Id),
    col(&["Person - ID", "Lead - ID"], Role::LeadId),
    col(&["Deal - Status"], Role::StageName),
    col(&["Deal - Deal created"], Role::StageDate(Stage::Opportunity)),
    col(&["Deal - Won time"], Role::StageDate(Stage::Won)),
    col(&["Deal - Lost time"], Role::StageDate(Stage::Lost)),
    measure(&["Deal - Value"], &[Revenue]),
    col(&["Deal - Currency", "Deal - Currency of value"], Role::Currency),
    dimension(&["Deal - Title"], "deal"),
    dimension(&["Deal - Pipeline"], "pipeline"),
    dimension(&["Deal - Stage"], "stage"),
    dimension(&["Deal - Owner"], "owner"),
    dimension(&["Deal - Source channel", "Deal - Source origin"], "source"),
    dimension(&["Deal - Label"], "label"),
    dimension(&["Deal - Lost reason"], "lost reason"),
    col(&["Deal - Organization"], Role::Ignored),
    col(&["Deal - Contact person"], Role::Ignored),
    col(&["Deal - Probability"], Role::Ignored),
    col(&["Deal - Weighted value"], Role::Ignored),
    col(&["Deal - Expected close date"], Role::Ignored),
    col(&["Deal - Deal closed on"], Role::Ignored),
    col(&["Deal - Last stage change"], Role::Ignored),
    col(&["Deal - Last activity date"], Role::Ignored),
    col(&["Deal - Next activity date"], Role::Ignored),
    col(&["Deal - Update time"], Role::Ignored),
];
