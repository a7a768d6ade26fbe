//! `ActiveCampaign`: the performance of campaigns.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{
    Bounces, Clicks, HardBounces, Opens, Revenue, Sent, SoftBounces, TotalClicks, TotalOpens, Unsubscribes,
};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "activecampaign-campaigns",
    platform: "activecampaign",
    export: "campaigns performance",
    kind: Kind::Campaigns,
    evidence: Evidence::Documentation,
    signature: &["Campaign", "Sends", "Unique Opens", "Click-to-Open Rate"],
    columns: CAMPAIGNS,
    constants: &[("channel", "email")],
    notes: &[
        "\"Clicks\" beside \"Unique Opens\" may count every click, so it is read as total clicks; the click rate needs \"Unique Clicks\".",
        "There is no column of deliveries; ActiveCampaign rates unsubscribes on sends.",
    ],
    ..Profile::DEFAULT
}];

const CAMPAIGNS: &[Column] = &[
    dimension(&["Campaign", "Campaign Name"], "campaign"),
    col(&["Send Date", "Date Sent"], Role::Date),
    measure(&["Sends", "Total Sends"], &[Sent]),
    measure(&["Opens", "Total Opens"], &[TotalOpens]),
    measure(&["Unique Opens", "Unique Subscriber Opens"], &[Opens]),
    measure(&["Clicks", "Total Clicks"], &[TotalClicks]),
    measure(&["Unique Clicks", "Unique Subscriber Clicks"], &[Clicks]),
    measure(&["Unsubscribes", "Total Unsubscribes"], &[Unsubscribes]),
    measure(&["Bounces", "Total Bounces"], &[Bounces]),
    measure(&["Hard Bounces", "Total Hard Bounces"], &[HardBounces]),
    measure(&["Soft Bounces", "Total Soft Bounces"], &[SoftBounces]),
    measure(&["Revenue"], &[Revenue]),
    col(&["Open Rate"], Role::PrintedRate("open_rate")),
    col(&["Click Rate"], Role::PrintedRate("ctr")),
    col(&["Click-to-Open Rate"], Role::PrintedRate("click_to_open_rate")),
    col(&["Unsubscribe Rate"], Role::PrintedRate("unsubscribe_rate")),
    col(&["Bounce Rate"], Role::PrintedRate("bounce_rate")),
    col(&["Forwards", "Total Forwards"], Role::Ignored),
];
