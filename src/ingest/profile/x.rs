//! X (Twitter) Ads Manager: campaigns.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{AdClicks, Conversions, Impressions, Spend};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "x-ads-es",
        platform: "x",
        export: "campaigns, from a Spanish account",
        kind: Kind::Ads,
        evidence: Evidence::SecondHand,
        signature: &["Nombre de la campaña", "Importe gastado", "Clics en el enlace"],
        columns: SPANISH,
        constants: PAID_SOCIAL,
        notes: &["Semicolons between cells, a comma in 12,50 € and a point in 3.000 impressions."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "x-ads",
        platform: "x",
        export: "campaigns",
        kind: Kind::Ads,
        evidence: Evidence::Memory,
        signature: &["Time period", "Spend", "Link clicks"],
        columns: ENGLISH,
        constants: PAID_SOCIAL,
        notes: &["Ad clicks are Link clicks; Clicks also counts taps on the post itself."],
        ..Profile::DEFAULT
    },
];

const PAID_SOCIAL: &[(&str, &str)] = &[("channel", "paid social")];

const SPANISH: &[Column] = &[
    dimension(&["Nombre de la campaña"], "campaign"),
    col(&["Fecha"], Role::Date),
    measure(&["Importe gastado"], &[Spend]),
    measure(&["Impresiones"], &[Impressions]),
    measure(&["Clics en el enlace"], &[AdClicks]),
    measure(&["Conversiones"], &[Conversions]),
];

const ENGLISH: &[Column] = &[
    dimension(&["Campaign name", "Campaign"], "campaign"),
    dimension(&["Ad group name", "Ad group"], "ad_group"),
    dimension(&["Objective"], "objective"),
    col(&["Time period"], Role::Date),
    col(&["Currency"], Role::Currency),
    col(&["Campaign ID"], Role::Id),
    measure(&["Spend"], &[Spend]),
    measure(&["Impressions"], &[Impressions]),
    measure(&["Link clicks"], &[AdClicks]),
    measure(&["Conversions"], &[Conversions]),
    col(
        &[
            "Clicks",
            "Results",
            "Result rate",
            "Cost per result",
            "Engagements",
            "Post engagements",
            "Tweet engagements",
            "Likes",
            "Retweets",
            "Reposts",
            "Replies",
            "Follows",
            "Funding source",
            "Status",
            "Budget",
            "Total budget",
            "Daily budget",
        ],
        Role::Ignored,
    ),
];
