//! Google Analytics 4: standard reports, and overview reports of many small tables.
//!
//! The dimension's header carries its scope, and its words changed over the years; so did
//! Conversions, which are now Key events.

use super::{Column, Evidence, Profile, Role, Shape, col, dimension, measure};
use crate::kpi::Measure::{Conversions, EngagedSessions, PageViews, Revenue, Sessions, Visitors};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "ga4-report",
        platform: "ga4",
        export: "acquisition, demographics or technology report",
        kind: Kind::Web,
        evidence: Evidence::RealFile,
        signature: &["Engaged sessions", "Event count"],
        columns: REPORT,
        notes: &[
            "Lines that begin with # stand before the header: account, property, dates.",
            USERS_OVERLAP,
            "Engagement rate is a fraction; one minus it is the bounce rate.",
            "Explorations have a Grand total row with one cell more than the header.",
            "An hour of a day may stand as 2026010203 (Date + hour).",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "ga4-exploration",
        platform: "ga4",
        export: "free-form exploration",
        kind: Kind::Web,
        evidence: Evidence::SecondHand,
        signature: &["Engaged sessions"],
        columns: REPORT,
        notes: &[USERS_OVERLAP, "The user chooses dimensions and metrics; a Totals row stands under the header or at the end."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "ga4-user-acquisition",
        platform: "ga4",
        export: "user acquisition report",
        kind: Kind::Web,
        evidence: Evidence::Documentation,
        signature: &["First user primary channel group (Default Channel Group)", "New users", "Event count"],
        columns: REPORT,
        notes: &[USERS_OVERLAP],
        ..Profile::DEFAULT
    },
    Profile {
        id: "ga4-pages",
        platform: "ga4",
        export: "pages and screens report",
        kind: Kind::Web,
        evidence: Evidence::Documentation,
        signature: &["Page title and screen class", "Views", "Event count"],
        columns: PAGES,
        notes: &["Users by page are not visitors: one person sees many pages."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "ga4-landing-pages",
        platform: "ga4",
        export: "landing page report",
        kind: Kind::Web,
        evidence: Evidence::Documentation,
        signature: &["Landing page", "Sessions", "Average engagement time per session"],
        columns: REPORT,
        notes: &[USERS_OVERLAP],
        ..Profile::DEFAULT
    },
    section(
        "ga4-overview-users-by-day",
        "overview: users by day",
        &["Nth day", "Users"],
        &[NTH_DAY, USERS_NOT_USED],
        &[
            "Users by day are not distinct over days; visitors come from the table by country.",
            "Nth day counts from the Start date before the header; it is a number, not a date.",
        ],
    ),
    section("ga4-overview-new-users-by-day", "overview: new users by day", &["Nth day", "New users"], &[NTH_DAY, NEW_USERS], &[]),
    section(
        "ga4-overview-engagement-by-day",
        "overview: engagement time by day",
        &["Nth day", "Average engagement time"],
        &[NTH_DAY, col(&["Average engagement time", "Average engagement time per active user"], Role::Ignored)],
        &["Averages are never added."],
    ),
    section(
        "ga4-overview-revenue-by-day",
        "overview: revenue by day",
        &["Nth day", "Total revenue"],
        &[NTH_DAY, TOTAL_REVENUE],
        &[],
    ),
    section(
        "ga4-overview-active-users",
        "overview: active users by day",
        &["Nth day", "30 days", "7 days", "1 day"],
        &[NTH_DAY, col(&["30 days"], Role::Ignored), col(&["7 days"], Role::Ignored), col(&["1 day"], Role::Ignored)],
        &["Each cell counts the people of the days before it; they are never added."],
    ),
    section(
        "ga4-overview-new-users-by-channel",
        "overview: new users by channel",
        &["First user default channel group", "New users"],
        &[CHANNEL_OF_USER, NEW_USERS],
        &[],
    ),
    section(
        "ga4-overview-sessions-by-channel",
        "overview: sessions by channel",
        &["Session default channel group", "Sessions"],
        &[CHANNEL, measure(&["Sessions"], &[Sessions])],
        &[],
    ),
    section(
        "ga4-overview-users-by-country-id",
        "overview: users by country code",
        &["Country ID", "Users"],
        &[col(&["Country ID"], Role::Ignored), USERS_NOT_USED],
        &["The table by country name has the same figures."],
    ),
    section(
        "ga4-overview-users-by-country",
        "overview: users by country",
        &["Country", "Users"],
        &[dimension(&["Country"], "country"), USERS],
        &[USERS_OVERLAP],
    ),
    section(
        "ga4-overview-views-by-page",
        "overview: views by page",
        &["Page title and screen class", "Views"],
        &[PAGE, measure(&["Views"], &[PageViews])],
        &[],
    ),
    section(
        "ga4-overview-events",
        "overview: events",
        &["Event name", "Event count"],
        &[EVENT, EVENT_COUNT],
        &["Events are not a measure: a page view, a scroll and a purchase count the same."],
    ),
    section(
        "ga4-overview-conversions-by-event",
        "overview: conversions by event",
        &["Event name", "Conversions"],
        &[EVENT, CONVERSIONS],
        &[],
    ),
    section(
        "ga4-overview-items",
        "overview: items purchased",
        &["Item name", "Items purchased"],
        &[dimension(&["Item name"], "product"), col(&["Items purchased"], Role::Ignored)],
        &[],
    ),
    section(
        "ga4-overview-conversions-by-platform",
        "overview: conversions by platform",
        &["Platform", "Conversions"],
        &[dimension(&["Platform"], "app_platform"), col(&["Conversions", "Key events"], Role::Ignored)],
        &["The table by event has the same figures."],
    ),
];

const USERS_OVERLAP: &str = "Users are counted once a row: a person who came in two ways, or on two days, is in two rows.";

/// One table of an overview report. A measure is taken from one table only: the same figures
/// stand in several, cut another way.
const fn section(
    id: &'static str,
    export: &'static str,
    signature: &'static [&'static str],
    columns: &'static [Column],
    notes: &'static [&'static str],
) -> Profile {
    Profile {
        id,
        platform: "ga4",
        export,
        kind: Kind::Web,
        evidence: Evidence::RealFile,
        signature,
        exact: true,
        columns,
        shape: Shape::Sections,
        notes,
        ..Profile::DEFAULT
    }
}

const NTH_DAY: Column = col(&["Nth day"], Role::Ignored);
const EVENT: Column = dimension(&["Event name"], "event");
const PAGE: Column = dimension(
    &["Page title and screen class", "Page title and screen name", "Page path and screen class", "Page title", "Page path"],
    "page",
);
const CHANNEL: Column = dimension(
    &[
        "Session primary channel group (Default Channel Group)",
        "Session primary channel group",
        "Session default channel group",
        "Session default channel grouping",
        "Default channel group",
    ],
    "channel",
);
const CHANNEL_OF_USER: Column = dimension(
    &[
        "First user primary channel group (Default Channel Group)",
        "First user default channel group",
        "First user default channel grouping",
    ],
    "channel",
);
const USERS: Column = measure(&["Total users", "Users", "Active users"], &[Visitors]);
const USERS_NOT_USED: Column = col(&["Total users", "Users", "Active users"], Role::Ignored);
const NEW_USERS: Column = col(&["New users"], Role::Ignored);
const EVENT_COUNT: Column = col(&["Event count"], Role::Ignored);
const CONVERSIONS: Column = measure(&["Key events", "Conversions"], &[Conversions]);
const TOTAL_REVENUE: Column = measure(&["Total revenue", "Purchase revenue"], &[Revenue]);

const REPORT: &[Column] = &[
    CHANNEL,
    CHANNEL_OF_USER,
    PAGE,
    dimension(&["Session source", "First user source", "Source"], "source"),
    dimension(&["Session medium", "First user medium", "Medium"], "medium"),
    dimension(&["Session source / medium", "First user source / medium", "Source / medium"], "source_medium"),
    dimension(&["Session campaign", "First user campaign", "Campaign"], "campaign"),
    dimension(&["Landing page", "Landing page + query string"], "landing_page"),
    dimension(&["Country"], "country"),
    dimension(&["Region"], "region"),
    dimension(&["City"], "city"),
    dimension(&["Language"], "language"),
    dimension(&["Device category"], "device"),
    dimension(&["Browser"], "browser"),
    dimension(&["Operating system"], "operating_system"),
    dimension(&["Platform"], "app_platform"),
    dimension(&["Hour"], "hour"),
    col(&["Date", "Day", "Date + hour (YYYYMMDDHH)"], Role::Date),
    USERS,
    measure(&["Sessions"], &[Sessions]),
    measure(&["Engaged sessions"], &[EngagedSessions]),
    measure(&["Views"], &[PageViews]),
    CONVERSIONS,
    TOTAL_REVENUE,
    NEW_USERS,
    EVENT_COUNT,
    col(&["Average engagement time per session"], Role::Ignored),
    col(&["Bounce rate"], Role::PrintedRate("web_bounce_rate")),
    col(
        &[
            "Returning users",
            "Engagement rate",
            "Engaged sessions per user",
            "Engaged sessions per active user",
            "Average engagement time",
            "Average engagement time per user",
            "Average engagement time per active user",
            "Average session duration",
            "Sessions per user",
            "Events per session",
            "Event count per user",
            "Event count per active user",
            "Session key event rate",
            "Session conversion rate",
            "User key event rate",
            "User conversion rate",
            "Key event rate",
            "Total ad revenue",
        ],
        Role::Ignored,
    ),
];

const PAGES: &[Column] = &[
    PAGE,
    measure(&["Views"], &[PageViews]),
    CONVERSIONS,
    TOTAL_REVENUE,
    USERS_NOT_USED,
    NEW_USERS,
    EVENT_COUNT,
    col(
        &[
            "Views per user",
            "Views per active user",
            "Average engagement time",
            "Average engagement time per active user",
            "Unique user scrolls",
        ],
        Role::Ignored,
    ),
];
