//! Klaviyo: campaigns, flows, and the reports that replaced them.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{
    Bounces, Clicks, Complaints, Conversions, Delivered, MachineOpens, Opens, Orders, Revenue, Sent, TotalClicks, TotalOpens,
    Unsubscribes,
};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "klaviyo-campaigns",
    platform: "klaviyo",
    export: "campaigns (classic)",
    kind: Kind::Campaigns,
    evidence: Evidence::RealFile,
    signature: &["Campaign Name", "Unique Placed Order", "Successful Deliveries", "Total Recipients"],
    columns: CLASSIC,
    constants: &[("channel", "email")],
    notes: &[
        "Counts are written with a decimal (64517.0).",
        "Open and click rates are on successful deliveries, the bounce rate on recipients.",
    ],
    ..Profile::DEFAULT
}];

const CLASSIC: &[Column] = &[
    dimension(&["Campaign Name"], "campaign"),
    dimension(&["List"], "list"),
    dimension(&["Campaign Channel"], "channel"),
    dimension(&["Variant Name"], "variant"),
    col(&["Send Time"], Role::Date),
    col(&["Campaign ID"], Role::Id),
    measure(&["Total Recipients"], &[Sent]),
    measure(&["Successful Deliveries"], &[Delivered]),
    measure(&["Bounces"], &[Bounces]),
    measure(&["Unique Opens"], &[Opens]),
    measure(&["Total Opens"], &[TotalOpens]),
    measure(&["Unique Apple Privacy Opens"], &[MachineOpens]),
    measure(&["Unique Clicks"], &[Clicks]),
    measure(&["Total Clicks"], &[TotalClicks]),
    measure(&["Unsubscribes"], &[Unsubscribes]),
    measure(&["Spam Complaints"], &[Complaints]),
    measure(&["Unique Placed Order"], &[Conversions, Orders]),
    measure(&["Revenue"], &[Revenue]),
    col(&["Open Rate"], Role::PrintedRate("open_rate")),
    col(&["Click Rate"], Role::PrintedRate("ctr")),
    col(&["Bounce Rate"], Role::PrintedRate("bounce_rate")),
    col(&["Spam Complaints Rate"], Role::PrintedRate("complaint_rate")),
    col(&["Placed Order Rate"], Role::PrintedRate("campaign_conversion_rate")),
    col(&["Tags", "Subject", "Send Weekday"], Role::Ignored),
];
