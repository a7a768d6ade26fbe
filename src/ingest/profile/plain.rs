//! Plain tables: the ids of the measures and common spellings as headers, no platform.
//!
//! Tried only where no platform's profile fits.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure;
use crate::kpi::Measure::{
    AdClicks, Bounces, Clicks, Complaints, ConversionValue, Conversions, Delivered, EngagedSessions, GrossRevenue, HardBounces,
    Impressions, MachineOpens, Opens, Orders, PageViews, Refunds, Revenue, Sent, Sessions, SoftBounces, Spend, TotalClicks,
    TotalOpens, Unsubscribes, Visitors,
};
use crate::measures::{Kind, Stage};

/// Event tables, most distinctive first: what has an amount of money is an order before it is a touch.
pub static EVENTS: &[Profile] = &[
    Profile {
        id: "plain-orders",
        export: "orders",
        kind: Kind::Orders,
        signature: &["order_id", "amount"],
        columns: ORDERS,
        ..PLAIN
    },
    Profile {
        id: "plain-orders",
        export: "orders",
        kind: Kind::Orders,
        signature: &["order_id", "revenue"],
        columns: ORDERS,
        ..PLAIN
    },
    Profile {
        id: "plain-orders",
        export: "orders",
        kind: Kind::Orders,
        signature: &["order_id", "total"],
        columns: ORDERS,
        ..PLAIN
    },
    Profile {
        id: "plain-orders",
        export: "orders",
        kind: Kind::Orders,
        signature: &["order_id", "price"],
        columns: ORDERS,
        ..PLAIN
    },
    Profile {
        id: "plain-orders",
        export: "orders",
        kind: Kind::Orders,
        signature: &["customer_id", "amount"],
        columns: ORDERS,
        ..PLAIN
    },
    Profile {
        id: "plain-orders",
        export: "orders",
        kind: Kind::Orders,
        signature: &["customer_id", "revenue", "date"],
        columns: ORDERS,
        ..PLAIN
    },
    Profile {
        id: "plain-touches",
        export: "touches",
        kind: Kind::Touches,
        signature: &["person_id", "time", "channel"],
        columns: TOUCHES,
        ..PLAIN
    },
    Profile {
        id: "plain-touches",
        export: "touches",
        kind: Kind::Touches,
        signature: &["customer_id", "time", "channel", "conversion"],
        columns: TOUCHES,
        ..PLAIN
    },
    Profile { id: "plain-paths", export: "paths", kind: Kind::Paths, signature: &["path"], columns: PATHS, ..PLAIN },
    Profile {
        id: "plain-answers",
        export: "answers",
        kind: Kind::Answers,
        signature: &["respondent_id"],
        columns: ANSWERS,
        ..PLAIN
    },
    Profile { id: "plain-deals", export: "deals", kind: Kind::Deals, signature: &["deal_id"], columns: DEALS, ..PLAIN },
    Profile { id: "plain-leads", export: "leads", kind: Kind::Leads, signature: &["lead_id"], columns: LEADS, ..PLAIN },
    Profile { id: "plain-leads", export: "leads", kind: Kind::Leads, signature: &["created", "mql_at"], columns: LEADS, ..PLAIN },
    Profile { id: "plain-leads", export: "leads", kind: Kind::Leads, signature: &["created", "won_at"], columns: LEADS, ..PLAIN },
    Profile {
        id: "plain-leads",
        export: "leads",
        kind: Kind::Leads,
        signature: &["created_at", "won_at"],
        columns: LEADS,
        ..PLAIN
    },
];

/// Tables of measures under dimensions. The kind follows from the measures found.
pub static TABLE: Profile = Profile { id: "plain", export: "measures", columns: COMMON, ..PLAIN };

const PLAIN: Profile = Profile { platform: "plain", evidence: Evidence::RealFile, ..Profile::DEFAULT };

const TOUCHES: &[Column] = &[
    col(&["person_id", "customer_id", "user_id", "visitor_id", "contact_id"], Role::PersonId),
    col(&["time", "timestamp", "date", "touched_at"], Role::Date),
    dimension(&["channel"], "channel"),
    dimension(&["campaign"], "campaign"),
    col(&["conversion", "converted", "is_conversion"], Role::ConversionFlag),
    measure(&["conversion_value", "value"], &[ConversionValue]),
    col(&["currency", "currency_code"], Role::Currency),
];

const PATHS: &[Column] = &[
    col(&["path", "journey"], Role::Path),
    measure(&["conversions", "total_conversions"], &[Conversions]),
    measure(&["value", "conversion_value", "total_conversion_value"], &[ConversionValue]),
    col(&["conversion", "converted"], Role::ConversionFlag),
    col(&["nulls", "total_null", "total_nulls"], Role::PathNulls),
    col(&["time_till_end", "time_till_conv", "hours_before_end"], Role::HoursBeforeEnd),
    col(&["currency", "currency_code"], Role::Currency),
];

const ANSWERS: &[Column] = &[
    col(&["respondent_id"], Role::PersonId),
    col(&["date", "answered_at", "created", "created_at"], Role::Date),
    col(&["csat", "csat_score", "satisfaction", "satisfaction_score"], Role::SatisfactionScore),
    col(&["nps", "nps_score", "likelihood_to_recommend", "recommendation_score"], Role::RecommendationScore),
];

const LEADS: &[Column] = &[
    col(&["lead_id"], Role::LeadId),
    col(&["created", "created_at", "created_date", "lead_created_at", "date"], Role::StageDate(Stage::Lead)),
    col(&["mql_at", "mql_date", "became_mql_at"], Role::StageDate(Stage::Mql)),
    col(&["sql_at", "sql_date", "became_sql_at"], Role::StageDate(Stage::Sql)),
    col(&["opportunity_at", "opportunity_date", "opp_at"], Role::StageDate(Stage::Opportunity)),
    col(&["won_at", "won_date", "closed_won_at", "customer_at", "converted_at"], Role::StageDate(Stage::Won)),
    col(&["lost_at", "lost_date", "closed_lost_at"], Role::StageDate(Stage::Lost)),
    col(&["mql", "is_mql"], Role::StageFlag(Stage::Mql)),
    col(&["sql", "is_sql"], Role::StageFlag(Stage::Sql)),
    col(&["opportunity", "is_opportunity"], Role::StageFlag(Stage::Opportunity)),
    col(&["won", "is_won", "converted"], Role::StageFlag(Stage::Won)),
    col(&["lost", "is_lost"], Role::StageFlag(Stage::Lost)),
    col(&["first_response_at", "first_response", "responded_at"], Role::FirstResponse),
    col(&["first_touch_at", "first_touch"], Role::FirstTouch),
    col(&["lead_score", "score"], Role::Score),
    dimension(&["campaign", "campaign_name"], "campaign"),
    dimension(&["channel"], "channel"),
    dimension(&["source", "lead_source", "origin"], "source"),
    dimension(&["medium"], "medium"),
    dimension(&["country"], "country"),
    dimension(&["owner", "lead_owner"], "owner"),
    col(&["email", "name", "first_name", "last_name", "phone", "company"], Role::Ignored),
];

const DEALS: &[Column] = &[
    col(&["deal_id"], Role::Id),
    col(&["lead_id"], Role::LeadId),
    col(&["created", "created_at", "created_date"], Role::StageDate(Stage::Opportunity)),
    col(&["won_at", "won_date", "closed_won_at"], Role::StageDate(Stage::Won)),
    col(&["lost_at", "lost_date"], Role::StageDate(Stage::Lost)),
    col(&["won", "is_won"], Role::StageFlag(Stage::Won)),
    measure(&["amount", "value", "deal_value"], &[Revenue]),
    col(&["currency"], Role::Currency),
    dimension(&["campaign"], "campaign"),
    dimension(&["channel"], "channel"),
    dimension(&["source"], "source"),
    dimension(&["owner"], "owner"),
];

const ORDERS: &[Column] = &[
    col(&["order_id", "order_number", "payment_id", "invoice_id", "transaction_id"], Role::OrderId),
    col(&["customer_id", "customer", "client_id", "user_id", "customer_email", "email"], Role::CustomerId),
    col(&["date", "order_date", "created", "created_at", "paid_at", "ordered_at", "purchase_date", "timestamp"], Role::Date),
    measure(&["amount", "gross_revenue", "total", "order_total", "price", "gross_amount", "order_value"], &[GrossRevenue]),
    measure(&["refunded", "refunds", "refund", "refunded_amount", "amount_refunded", "refund_amount"], &[Refunds]),
    measure(&["revenue", "net_revenue", "net_amount"], &[Revenue]),
    col(&["currency", "currency_code"], Role::Currency),
    dimension(&["campaign", "campaign_name", "utm_campaign"], "campaign"),
    dimension(&["channel"], "channel"),
    dimension(&["source", "utm_source"], "source"),
    dimension(&["medium", "utm_medium"], "medium"),
    dimension(&["country"], "country"),
    dimension(&["product", "product_name", "sku"], "product"),
    dimension(&["segment"], "segment"),
];

/// Spellings beside the ids of the measures, which are always recognised.
const COMMON: &[Column] = &[
    col(&["date", "day", "send_date", "sent_at", "send_time", "start_date", "reporting_starts"], Role::Date),
    col(&["end_date", "reporting_ends"], Role::DateEnd),
    col(&["month", "week", "quarter", "period"], Role::DateRange),
    col(&["currency", "currency_code"], Role::Currency),
    dimension(&["campaign", "campaign_name", "title"], "campaign"),
    dimension(&["channel", "marketing_channel"], "channel"),
    dimension(&["source", "utm_source", "traffic_source"], "source"),
    dimension(&["medium", "utm_medium"], "medium"),
    dimension(&["platform"], "platform"),
    dimension(&["list", "list_name", "audience"], "list"),
    dimension(&["segment"], "segment"),
    dimension(&["country", "region"], "country"),
    dimension(&["device", "device_category"], "device"),
    dimension(&["page", "landing_page"], "page"),
    dimension(&["product"], "product"),
    dimension(&["owner"], "owner"),
    measure(&["sent", "sends", "emails_sent", "messages_sent", "recipients", "total_recipients"], &[Sent]),
    measure(&["delivered", "deliveries", "successful_deliveries", "emails_delivered"], &[Delivered]),
    measure(&["bounces", "bounced", "total_bounces"], &[Bounces]),
    measure(&["hard_bounces", "hard_bounced"], &[HardBounces]),
    measure(&["soft_bounces", "soft_bounced"], &[SoftBounces]),
    measure(&["opens", "unique_opens", "opened", "emails_opened"], &[Opens]),
    measure(&["total_opens"], &[TotalOpens]),
    measure(&["machine_opens", "apple_privacy_opens", "mpp_opens"], &[MachineOpens]),
    measure(&["clicks", "unique_clicks", "clicked"], &[Clicks]),
    measure(&["total_clicks"], &[TotalClicks]),
    measure(&["unsubscribes", "unsubscribed", "unsubs", "opt_outs"], &[Unsubscribes]),
    measure(&["complaints", "spam_complaints", "spam_reports", "abuse_complaints"], &[Complaints]),
    measure(&["impressions", "impr.", "impr", "ad_impressions"], &[Impressions]),
    measure(&["ad_clicks", "link_clicks_(ads)"], &[AdClicks]),
    measure(&["spend", "cost", "ad_spend", "amount_spent", "media_cost", "ad_cost"], &[Spend]),
    measure(&["conversions", "conv.", "total_conversions"], &[Conversions]),
    measure(&["conversion_value", "conv._value", "conversions_value", "purchase_value"], &[ConversionValue]),
    measure(&["sessions", "visits"], &[Sessions]),
    measure(&["engaged_sessions"], &[EngagedSessions]),
    measure(&["page_views", "pageviews", "views"], &[PageViews]),
    measure(&["visitors", "users", "unique_visitors", "active_users"], &[Visitors]),
    measure(&["revenue", "sales", "net_revenue", "total_revenue"], &[Revenue]),
    measure(&["gross_revenue", "gross_sales"], &[GrossRevenue]),
    measure(&["refunds", "refunded"], &[Refunds]),
    measure(&["orders", "transactions", "purchases"], &[Orders]),
    col(&["open_rate", "unique_open_rate"], Role::PrintedRate("open_rate")),
    col(&["click_rate", "ctr", "click_through_rate"], Role::Ignored),
    col(
        &[
            "bounce_rate",
            "conversion_rate",
            "conv._rate",
            "cpc",
            "avg._cpc",
            "cpm",
            "cpa",
            "cpl",
            "roas",
            "roi",
            "cac",
            "frequency",
            "unsubscribe_rate",
        ],
        Role::Ignored,
    ),
];

/// The measure that a plain header means by its id alone.
pub fn by_id(normal_name: &str) -> Option<Measure> {
    Measure::from_id(&normal_name.replace(' ', "_"))
}
