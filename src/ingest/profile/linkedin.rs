//! `LinkedIn` Campaign Manager: the campaign performance report.

use super::{Column, DateOrder, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{AdClicks, ConversionValue, Conversions, Impressions, Leads, Reach, Spend};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "linkedin-ads",
    platform: "linkedin",
    export: "campaign performance report",
    kind: Kind::Ads,
    evidence: Evidence::SecondHand,
    signature: &["Start Date (in UTC)", "Total Spent"],
    columns: CAMPAIGNS,
    constants: &[("channel", "paid social")],
    dates: Some(DateOrder::MonthDayYear),
    notes: &[
        "Two to five lines and a blank one stand before the header; a Total row may close the file.",
        "Ad clicks are Clicks, as in LinkedIn's own CTR; Clicks to Landing Page are some of them.",
        "Downloads are said to be UTF-16 with tabs under a .csv name; we have not seen one.",
    ],
    ..Profile::DEFAULT
}];

const CAMPAIGNS: &[Column] = &[
    dimension(&["Campaign Name"], "campaign"),
    dimension(&["Campaign Group Name"], "campaign_group"),
    dimension(&["Account Name"], "account"),
    dimension(&["Ad Name", "Creative Name"], "ad"),
    dimension(&["Campaign Type"], "campaign_type"),
    dimension(&["Campaign Objective"], "objective"),
    col(&["Start Date (in UTC)"], Role::Date),
    col(&["Campaign ID"], Role::Id),
    col(&["Campaign Group ID"], Role::Id),
    col(&["Ad ID"], Role::Id),
    col(&["Currency"], Role::Currency),
    measure(&["Total Spent"], &[Spend]),
    measure(&["Impressions"], &[Impressions]),
    measure(&["Clicks"], &[AdClicks]),
    measure(&["Conversions"], &[Conversions]),
    measure(&["Total Conversion Value"], &[ConversionValue]),
    measure(&["Leads"], &[Leads]),
    measure(&["Reach"], &[Reach]),
    col(&["Average CTR", "Click Through Rate"], Role::PrintedRate("ad_ctr")),
    col(&["Average CPC"], Role::PrintedRate("cpc")),
    col(&["Average CPM"], Role::PrintedRate("cpm")),
    col(&["Conversion Rate"], Role::PrintedRate("ad_conversion_rate")),
    col(&["Cost per Conversion"], Role::PrintedRate("cpa")),
    col(&["Cost per Lead"], Role::PrintedRate("cpl")),
    col(&["Return on Ad Spend"], Role::PrintedRate("roas")),
    col(
        &[
            "Clicks to Landing Page",
            "Clicks to LinkedIn Page",
            "Post-Click Conversions",
            "View-Through Conversions",
            "Lead Forms Opened",
            "Lead Form Completion Rate",
            "Total Engagements",
            "Engagement Rate",
            "Reactions",
            "Comments",
            "Shares",
            "Follows",
            "Other Clicks",
            "Total Social Actions",
            "Campaign Status",
            "Campaign Group Status",
            "Cost Type",
            "Daily Budget",
            "Total Budget",
            "Campaign Start Date",
            "Campaign End Date",
        ],
        Role::Ignored,
    ),
];
