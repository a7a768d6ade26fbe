//! Constant Contact: summaries of campaigns.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{Bounces, Clicks, Complaints, Opens, Sent, Unsubscribes};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "constant-contact-campaigns",
    platform: "constant-contact",
    export: "campaign summaries",
    kind: Kind::Campaigns,
    evidence: Evidence::Documentation,
    signature: &["Sends", "Optouts", "Abuse", "Not Opened"],
    columns: CAMPAIGNS,
    constants: &[("channel", "email")],
    notes: &[
        "Counts are unique ones: each contact once a campaign.",
        "\"Not Opened\" is on what was sent, bounces included, so that it is no count of deliveries.",
    ],
    ..Profile::DEFAULT
}];

const CAMPAIGNS: &[Column] = &[
    dimension(&["Campaign Name"], "campaign"),
    col(&["Last Sent Date"], Role::Date),
    col(&["Campaign ID"], Role::Id),
    measure(&["Sends"], &[Sent]),
    measure(&["Opens"], &[Opens]),
    measure(&["Clicks"], &[Clicks]),
    measure(&["Optouts"], &[Unsubscribes]),
    measure(&["Abuse"], &[Complaints]),
    measure(&["Bounces"], &[Bounces]),
    col(&["Not Opened"], Role::Ignored),
    col(&["Forwards"], Role::Ignored),
];
