//! Microsoft Advertising (Bing Ads): report downloads and the campaigns grid.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{AdClicks, ConversionValue, Conversions, Impressions, Spend};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "microsoft-ads-report",
        platform: "microsoft-ads",
        export: "performance report",
        kind: Kind::Ads,
        evidence: Evidence::SecondHand,
        signature: &["TimePeriod", "CampaignName", "Spend"],
        columns: REPORT,
        constants: PAID_BY_MICROSOFT,
        notes: &[
            "Quoted lines (Report Name, Report Time …) stand before the header, and a copyright line closes the file.",
            "The API writes CampaignName and TimePeriod, the website Campaign name and Gregorian date.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "microsoft-ads-grid",
        platform: "microsoft-ads",
        export: "campaigns grid",
        kind: Kind::Ads,
        evidence: Evidence::Memory,
        signature: &["Impr.", "Spend", "Conv."],
        columns: GRID,
        constants: PAID_BY_MICROSOFT,
        notes: &["The words are Google's, but money spent is Spend rather than Cost."],
        ..Profile::DEFAULT
    },
];

const PAID_BY_MICROSOFT: &[(&str, &str)] = &[("source", "bing"), ("medium", "cpc")];

const REPORT: &[Column] = &[
    dimension(&["CampaignName", "Campaign name"], "campaign"),
    dimension(&["AdGroupName", "Ad group", "Ad group name"], "ad_group"),
    dimension(&["CampaignType", "Campaign type"], "campaign_type"),
    dimension(&["Keyword"], "keyword"),
    dimension(&["AccountName", "Account name"], "account"),
    dimension(&["DeviceType", "Device type"], "device"),
    dimension(&["Network"], "network"),
    col(&["TimePeriod", "Gregorian date", "GregorianDate"], Role::Date),
    col(&["CurrencyCode", "Currency code"], Role::Currency),
    col(&["CampaignId", "Campaign ID"], Role::Id),
    col(&["AdGroupId", "Ad group ID"], Role::Id),
    col(&["AccountId", "Account ID"], Role::Id),
    col(&["AccountNumber", "Account number"], Role::Id),
    measure(&["Impressions"], &[Impressions]),
    measure(&["Clicks"], &[AdClicks]),
    measure(&["Spend"], &[Spend]),
    measure(&["ConversionsQualified", "Conversions (qualified)", "Conversions"], &[Conversions]),
    measure(&["Revenue"], &[ConversionValue]),
    col(&["CTR"], Role::PrintedRate("ad_ctr")),
    col(&["AverageCpc", "Avg. CPC", "Average CPC"], Role::PrintedRate("cpc")),
    col(&["AverageCpm", "Avg. CPM"], Role::PrintedRate("cpm")),
    col(&["CostPerConversion", "CPA", "Cost per conversion"], Role::PrintedRate("cpa")),
    col(&["ConversionRate", "Conversion rate", "Conv. rate"], Role::PrintedRate("ad_conversion_rate")),
    col(&["ReturnOnAdSpend", "Return on ad spend"], Role::PrintedRate("roas")),
    col(
        &[
            "CampaignStatus",
            "Campaign status",
            "AccountStatus",
            "AllConversions",
            "All conversions",
            "AllRevenue",
            "AveragePosition",
            "Avg. position",
            "ImpressionSharePercent",
            "Impression share",
        ],
        Role::Ignored,
    ),
];

const GRID: &[Column] = &[
    dimension(&["Campaign"], "campaign"),
    dimension(&["Ad group"], "ad_group"),
    dimension(&["Campaign type"], "campaign_type"),
    col(&["Currency"], Role::Currency),
    measure(&["Impr."], &[Impressions]),
    measure(&["Clicks"], &[AdClicks]),
    measure(&["Spend"], &[Spend]),
    measure(&["Conv."], &[Conversions]),
    measure(&["Revenue"], &[ConversionValue]),
    col(&["CTR"], Role::PrintedRate("ad_ctr")),
    col(&["Avg. CPC"], Role::PrintedRate("cpc")),
    col(&["CPA"], Role::PrintedRate("cpa")),
    col(&["Conv. rate"], Role::PrintedRate("ad_conversion_rate")),
    col(&["Return on ad spend"], Role::PrintedRate("roas")),
    col(&["Status", "Delivery", "Budget", "Bid strategy type", "Labels", "Qlty score"], Role::Ignored),
];
