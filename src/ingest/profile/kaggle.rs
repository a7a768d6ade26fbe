//! Public data sets that people learn with: Kaggle, UCI and the data of attribution packages.

use super::{Column, DateOrder, Evidence, Profile, Role, RowIs, col, dimension, measure};
use crate::kpi::Measure::{AdClicks, ConversionValue, Conversions, Impressions, Leads, NewCustomers, Revenue, Spend, Won};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "kaggle-facebook-ads",
        platform: "kaggle",
        export: "KAG_conversion_data (Facebook ads)",
        kind: Kind::Ads,
        evidence: Evidence::RealFile,
        signature: &["xyz_campaign_id", "Spent", "Total_Conversion", "Approved_Conversion"],
        columns: FACEBOOK_ADS,
        constants: &[("channel", "paid social")],
        notes: &[
            "Total_Conversion are people who enquired: leads, and the conversions of the ads.",
            "Approved_Conversion are people who bought: leads won, and new customers.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "kaggle-superstore",
        platform: "kaggle",
        export: "Superstore orders",
        kind: Kind::Orders,
        evidence: Evidence::RealFile,
        signature: &["Row ID", "Order ID", "Customer ID", "Sales", "Profit"],
        columns: SUPERSTORE,
        row: RowIs::Line,
        dates: Some(DateOrder::MonthDayYear),
        encoding: Some("windows-1252"),
        notes: &["A row is a line of an order.", "Sales are after the discount, and no refund is in the file."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "kaggle-online-retail",
        platform: "kaggle",
        export: "Online Retail invoices",
        kind: Kind::Orders,
        evidence: Evidence::RealFile,
        signature: &["InvoiceNo", "CustomerID", "Quantity", "UnitPrice"],
        columns: ONLINE_RETAIL,
        row: RowIs::Line,
        encoding: Some("windows-1252"),
        notes: &[
            "A row is a line of an invoice; its amount is Quantity times UnitPrice.",
            "Invoices that begin with C are returns, with a negative quantity: refunds, and no orders.",
            "About a quarter of the lines have no customer.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "kaggle-campaign-roi",
        platform: "kaggle",
        export: "marketing_campaign_dataset, with cost and revenue",
        kind: Kind::Ads,
        evidence: Evidence::RealFile,
        signature: &["Campaign_ID", "Customers_Targeted", "Customers_Responded", "Campaign_Cost", "Revenue_Generated"],
        columns: CAMPAIGN_ROI,
        notes: &[
            "Customers who responded are the conversions; those targeted are neither delivered messages nor impressions.",
            "Revenue that a campaign generated is its conversion value as well.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "kaggle-campaign-performance",
        platform: "kaggle",
        export: "marketing_campaign_dataset, with impressions and clicks",
        kind: Kind::Ads,
        evidence: Evidence::RealFile,
        signature: &["Campaign_ID", "Start_Date", "Impressions", "Clicks", "Conversions", "Cost", "Revenue", "Engagement_Rate"],
        columns: CAMPAIGN_PERFORMANCE,
        notes: &["Revenue of a campaign is its conversion value as well."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "kaggle-attribution",
        platform: "kaggle",
        export: "attribution_data (touches)",
        kind: Kind::Touches,
        evidence: Evidence::RealFile,
        signature: &["customer_id", "time", "interaction", "conversion", "channel"],
        columns: TOUCHES,
        notes: &["The row of a conversion is a touch of its channel as well."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "channel-attribution-paths",
        platform: "kaggle",
        export: "Data of the ChannelAttribution package (paths)",
        kind: Kind::Paths,
        evidence: Evidence::RealFile,
        signature: &["path", "total_conversions", "total_conversion_value", "total_null"],
        columns: PATHS,
        ..Profile::DEFAULT
    },
];

const FACEBOOK_ADS: &[Column] = &[
    dimension(&["xyz_campaign_id"], "campaign"),
    dimension(&["age"], "age"),
    dimension(&["gender"], "gender"),
    dimension(&["interest"], "interest"),
    col(&["Date"], Role::Date),
    col(&["ad_id"], Role::Id),
    col(&["fb_campaign_id"], Role::Id),
    measure(&["Impressions"], &[Impressions]),
    measure(&["Clicks"], &[AdClicks]),
    measure(&["Spent"], &[Spend]),
    measure(&["Total_Conversion"], &[Leads, Conversions]),
    measure(&["Approved_Conversion"], &[Won, NewCustomers]),
];

const SUPERSTORE: &[Column] = &[
    col(&["Order ID"], Role::OrderId),
    col(&["Customer ID"], Role::CustomerId),
    col(&["Order Date"], Role::Date),
    measure(&["Sales"], &[Revenue]),
    dimension(&["Segment"], "segment"),
    dimension(&["Country", "Country/Region"], "country"),
    dimension(&["State", "State/Province"], "state"),
    dimension(&["City"], "city"),
    dimension(&["Region"], "region"),
    dimension(&["Category"], "category"),
    dimension(&["Sub-Category"], "sub_category"),
    dimension(&["Product Name"], "product"),
    dimension(&["Ship Mode"], "ship_mode"),
    col(&["Product ID"], Role::Id),
    col(&["Row ID"], Role::Ignored),
    col(&["Profit"], Role::Ignored),
    col(&["Ship Date", "Customer Name", "Postal Code", "Quantity", "Discount"], Role::Ignored),
];

const ONLINE_RETAIL: &[Column] = &[
    col(&["InvoiceNo", "Invoice"], Role::OrderId),
    col(&["CustomerID", "Customer ID"], Role::CustomerId),
    col(&["InvoiceDate"], Role::Date),
    col(&["Quantity"], Role::Quantity),
    col(&["UnitPrice", "Price"], Role::UnitPrice),
    dimension(&["Country"], "country"),
    dimension(&["Description"], "product"),
    col(&["StockCode"], Role::Id),
];

const CAMPAIGN_ROI: &[Column] = &[
    dimension(&["Campaign_Name"], "campaign"),
    dimension(&["Channel"], "channel"),
    dimension(&["Region"], "region"),
    dimension(&["Customer_Segment"], "segment"),
    dimension(&["Product_Type"], "product"),
    col(&["Campaign_ID"], Role::Id),
    col(&["Campaign_Start_Date"], Role::Date),
    col(&["Campaign_End_Date"], Role::DateEnd),
    measure(&["Campaign_Cost"], &[Spend]),
    measure(&["Customers_Responded"], &[Conversions]),
    measure(&["Revenue_Generated"], &[Revenue, ConversionValue]),
    col(&["Cost_per_acquisition"], Role::PrintedRate("cpa")),
    col(&["ROI"], Role::PrintedRate("roi")),
    col(&["Customers_Targeted"], Role::Ignored),
    col(&["Response_Rate"], Role::Ignored),
];

const CAMPAIGN_PERFORMANCE: &[Column] = &[
    dimension(&["Campaign_ID"], "campaign"),
    dimension(&["Channel"], "channel"),
    dimension(&["Region"], "region"),
    dimension(&["Age_Group"], "age"),
    dimension(&["Gender"], "gender"),
    col(&["Start_Date"], Role::Date),
    measure(&["Impressions"], &[Impressions]),
    measure(&["Clicks"], &[AdClicks]),
    measure(&["Conversions"], &[Conversions]),
    measure(&["Cost"], &[Spend]),
    measure(&["Revenue"], &[Revenue, ConversionValue]),
    col(&["Engagement_Rate"], Role::Ignored),
];

const TOUCHES: &[Column] = &[
    col(&["customer_id"], Role::PersonId),
    col(&["time"], Role::Date),
    dimension(&["channel"], "channel"),
    col(&["conversion"], Role::ConversionFlag),
    measure(&["conversion_value"], &[ConversionValue]),
    col(&["interaction"], Role::Ignored),
];

const PATHS: &[Column] = &[
    col(&["path"], Role::Path),
    measure(&["total_conversions"], &[Conversions]),
    measure(&["total_conversion_value"], &[ConversionValue]),
    col(&["total_null"], Role::PathNulls),
];
