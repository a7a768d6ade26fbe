//! `SendGrid`: statistics of marketing campaigns.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{Bounces, Clicks, Complaints, Delivered, Opens, Sent, TotalClicks, TotalOpens, Unsubscribes};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "sendgrid-stats",
    platform: "sendgrid",
    export: "statistics",
    kind: Kind::Campaigns,
    evidence: Evidence::Documentation,
    signature: &["Requests", "Delivered", "Unique Opens", "Unique Clicks", "Spam Reports"],
    columns: STATS,
    constants: &[("channel", "email")],
    notes: &[
        "A row a campaign and day; rates beside the counts run on from day to day and are not read.",
        "Blocks and invalid addresses are neither delivered nor bounces, so requests exceed the sum of the two.",
        "SendGrid's own \"Opens %\" counts every open by delivered; the open rate here counts each recipient once.",
    ],
    ..Profile::DEFAULT
}];

const STATS: &[Column] = &[
    dimension(&["Campaign Name", "Single Send Name", "name"], "campaign"),
    col(&["Campaign ID", "Single Send ID"], Role::Id),
    col(&["Date"], Role::Date),
    measure(&["Requests"], &[Sent]),
    measure(&["Delivered"], &[Delivered]),
    measure(&["Opens"], &[TotalOpens]),
    measure(&["Unique Opens"], &[Opens]),
    measure(&["Clicks"], &[TotalClicks]),
    measure(&["Unique Clicks"], &[Clicks]),
    measure(&["Bounces"], &[Bounces]),
    measure(&["Spam Reports"], &[Complaints]),
    measure(&["Unsubscribes"], &[Unsubscribes]),
    col(&["Blocks"], Role::Ignored),
    col(&["Invalid Emails"], Role::Ignored),
    col(&["Processed"], Role::Ignored),
    col(&["Deferred"], Role::Ignored),
    col(&["Bounce Drops"], Role::Ignored),
    col(&["Spam Report Drops"], Role::Ignored),
    col(&["Unsubscribe Drops"], Role::Ignored),
];
