//! `TikTok` Ads Manager: campaigns, ad groups and ads.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{AdClicks, ConversionValue, Conversions, Impressions, Reach, Spend};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "tiktok-ads",
    platform: "tiktok",
    export: "campaigns",
    kind: Kind::Ads,
    evidence: Evidence::SecondHand,
    signature: &["Clicks (destination)", "Cost"],
    columns: CAMPAIGNS,
    constants: &[("channel", "paid social")],
    notes: &[
        "Ad clicks are Clicks (destination); Clicks (all) also counts taps on the profile or the music.",
        "Conversions are whatever event each ad group is optimised for.",
        "A total row opens or closes the file.",
    ],
    ..Profile::DEFAULT
}];

const CAMPAIGNS: &[Column] = &[
    dimension(&["Campaign name"], "campaign"),
    dimension(&["Ad group name"], "ad_group"),
    dimension(&["Ad name"], "ad"),
    dimension(&["Objective", "Advertising objective"], "objective"),
    dimension(&["Country", "Country/Region"], "country"),
    col(&["By Day", "Date", "Day"], Role::Date),
    col(&["Campaign ID"], Role::Id),
    col(&["Ad group ID"], Role::Id),
    col(&["Ad ID"], Role::Id),
    col(&["Currency"], Role::Currency),
    measure(&["Cost"], &[Spend]),
    measure(&["Impressions"], &[Impressions]),
    measure(&["Clicks (destination)"], &[AdClicks]),
    measure(&["Reach"], &[Reach]),
    measure(&["Conversions"], &[Conversions]),
    measure(&["Total complete payment value", "Complete payment value"], &[ConversionValue]),
    col(&["CTR (destination)"], Role::PrintedRate("ad_ctr")),
    col(&["CPC (destination)"], Role::PrintedRate("cpc")),
    col(&["CPM"], Role::PrintedRate("cpm")),
    col(&["CPA", "Cost per conversion"], Role::PrintedRate("cpa")),
    col(&["CVR", "Conversion rate", "Conversion rate (CVR)"], Role::PrintedRate("ad_conversion_rate")),
    col(
        &[
            "Clicks (all)",
            "CTR (all)",
            "CPC (all)",
            "Frequency",
            "Result",
            "Results",
            "Cost per result",
            "Result rate",
            "Complete payment",
            "Complete payment ROAS",
            "Cost per complete payment",
            "Video views",
            "2-second video views",
            "6-second video views",
            "Average play time per video view",
            "Status",
            "Primary status",
            "Campaign budget",
        ],
        Role::Ignored,
    ),
];
