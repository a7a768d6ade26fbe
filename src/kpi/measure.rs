//! Measures: the additive (and not so additive) quantities that exports hold.
//!
//! How a measure adds up is part of its declaration here, so that nothing downstream can add what
//! does not add. A new measure is one line in the [`measures!`] table.

use std::fmt;

use super::unit::Unit;

/// How the values of a measure combine over rows, groups and sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Additivity {
    /// Adds over everything.
    Sum,
    /// A level at a point in time: per key the first by date, then added over keys.
    StockFirst,
    /// A level at a point in time: per key the last by date, then added over keys.
    StockLast,
    /// Distinct things, counted where the rows are; never added afterwards.
    Distinct,
    /// People reached: never added, known only where a group has a single row.
    Reach,
    /// A sample of durations or scores: keeps every value, so that mean and quantiles are exact.
    Sample,
    /// A number that no row holds: given by the user, the same for every group.
    Parameter,
}

impl Additivity {
    /// The word used in `mak list`, in JSON and in the documentation.
    pub const fn word(self) -> &'static str {
        match self {
            Additivity::Sum => "sum",
            Additivity::StockFirst => "stock, first",
            Additivity::StockLast => "stock, last",
            Additivity::Distinct => "distinct",
            Additivity::Reach => "never added",
            Additivity::Sample => "sample",
            Additivity::Parameter => "parameter",
        }
    }
}

/// What a measure is: one row of the table below, or one of the user's own.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeasureDef {
    /// Stable id, also recognised as a column name: `ad_clicks`.
    pub id: &'static str,
    /// Which family it belongs to: `messages`, `ads`, `revenue` …
    pub group: &'static str,
    /// How it adds up.
    pub additivity: Additivity,
    /// What one unit of it is.
    pub unit: Unit,
    /// One sentence that says what is counted.
    pub summary: &'static str,
}

/// Declares [`Measure`] and its definitions from one table. The doc comment of a row is both the
/// rustdoc of the variant and the text of `mak list`.
macro_rules! measures {
    ($($group:literal { $( $(#[doc = $doc:literal])+ $variant:ident = $id:literal, $add:ident, $unit:ident; )+ })+) => {
        /// A measure of the catalogue, or one of the user's own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Measure {
            $($( $(#[doc = $doc])+ $variant, )+)+
            /// A measure declared in `mak.toml`; its definition lives as long as the program.
            Custom(&'static MeasureDef),
        }

        impl Measure {
            /// Every measure of the catalogue, in its order.
            pub const ALL: &'static [Measure] = &[ $($( Measure::$variant, )+)+ ];

            /// The definition behind this measure.
            pub const fn def(self) -> &'static MeasureDef {
                match self {
                    $($( Measure::$variant => {
                        const DEF: &MeasureDef = &MeasureDef {
                            id: $id,
                            group: $group,
                            additivity: Additivity::$add,
                            unit: Unit::$unit,
                            summary: concat!($($doc),+).trim_ascii(),
                        };
                        DEF
                    } )+)+
                    Measure::Custom(def) => def,
                }
            }
        }
    };
}

measures! {
    "messages" {
        /// Messages handed over for sending, bounced ones included.
        Sent = "sent", Sum, Count;
        /// Messages accepted by the receiving server.
        Delivered = "delivered", Sum, Count;
        /// Messages returned, for whatever reason.
        Bounces = "bounces", Sum, Count;
        /// Messages returned for good (no such address).
        HardBounces = "hard_bounces", Sum, Count;
        /// Messages returned for now (mailbox full, server busy).
        SoftBounces = "soft_bounces", Sum, Count;
        /// Recipients who opened, each counted once a message.
        Opens = "opens", Sum, Count;
        /// Opens, every repetition counted.
        TotalOpens = "total_opens", Sum, Count;
        /// Those of `opens` that a mail client made by itself (Apple Mail Privacy Protection).
        MachineOpens = "machine_opens", Sum, Count;
        /// Recipients who clicked, each counted once a message.
        Clicks = "clicks", Sum, Count;
        /// Clicks in messages, every repetition counted.
        TotalClicks = "total_clicks", Sum, Count;
        /// Recipients who unsubscribed.
        Unsubscribes = "unsubscribes", Sum, Count;
        /// Recipients who reported the message as spam.
        Complaints = "complaints", Sum, Count;
        /// Messages that reached the inbox rather than the spam folder.
        Inbox = "inbox", Sum, Count;
        /// Recipients who replied.
        Replies = "replies", Sum, Count;
        /// Addresses subscribed to a list, at the end of the period.
        Subscribers = "subscribers", StockLast, Count;
    }
    "ads" {
        /// Times an ad was shown.
        Impressions = "impressions", Sum, Count;
        /// Clicks on an ad that lead to its destination.
        AdClicks = "ad_clicks", Sum, Count;
        /// Money paid to the ad platform.
        Spend = "spend", Sum, Money;
        /// Conversions as the platform counts them; data-driven attribution makes fractions.
        Conversions = "conversions", Sum, Number;
        /// Value of those conversions.
        ConversionValue = "conversion_value", Sum, Money;
        /// People who saw it at least once; people overlap between rows.
        Reach = "reach", Reach, Count;
    }
    "web" {
        /// Visits.
        Sessions = "sessions", Sum, Count;
        /// Visits of a single page, or that the analytics tool does not call engaged.
        BouncedSessions = "bounced_sessions", Sum, Count;
        /// Visits that the analytics tool calls engaged.
        EngagedSessions = "engaged_sessions", Sum, Count;
        /// Pages viewed.
        PageViews = "page_views", Sum, Count;
        /// Visitors as exported: added row by row, with a note, because whoever is in two rows counts twice.
        Visitors = "visitors", Sum, Count;
        /// Visitors of a landing page.
        LandingVisitors = "landing_visitors", Sum, Count;
        /// Visitors of a landing page who did what it asks for.
        LandingConversions = "landing_conversions", Sum, Count;
        /// Shopping carts begun.
        Carts = "carts", Sum, Count;
        /// Carts left without a purchase.
        AbandonedCarts = "abandoned_carts", Sum, Count;
        /// Abandoned carts bought after a reminder.
        RecoveredCarts = "recovered_carts", Sum, Count;
    }
    "social" {
        /// Likes and other reactions.
        Likes = "likes", Sum, Count;
        /// Comments.
        Comments = "comments", Sum, Count;
        /// Shares and reposts.
        Shares = "shares", Sum, Count;
        /// Saves and bookmarks.
        Saves = "saves", Sum, Count;
        /// Messages that people sent to the page.
        Messages = "messages", Sum, Count;
        /// Clicks on a link in a post.
        LinkClicks = "link_clicks", Sum, Count;
        /// Hours of video watched.
        VideoHours = "video_hours", Sum, Number;
        /// All interactions together, as the platform counts them.
        Engagements = "engagements", Sum, Count;
        /// Followers of a page, at the end of the period.
        Followers = "followers", StockLast, Count;
    }
    "leads" {
        /// Leads created.
        Leads = "leads", Sum, Count;
        /// Leads that marketing calls qualified.
        Mqls = "mqls", Sum, Count;
        /// Leads that sales accepted as qualified.
        Sqls = "sqls", Sum, Count;
        /// Leads with an open deal.
        Opportunities = "opportunities", Sum, Count;
        /// Leads won as customers.
        Won = "won", Sum, Count;
        /// Leads lost.
        Lost = "lost", Sum, Count;
        /// Time from the creation of a lead to its being won.
        SalesCycleDays = "sales_cycle_days", Sample, Days;
        /// Time from an enquiry to the first response.
        ResponseSeconds = "response_seconds", Sample, Seconds;
        /// Time from the first touch, or else the creation of the lead, to its conversion.
        ConversionDays = "conversion_days", Sample, Days;
        /// Score of each scored lead.
        LeadScore = "lead_score", Sample, Score;
        /// Leads answered within an hour.
        FollowedUpWithin1h = "followed_up_within_1h", Sum, Count;
    }
    "customers" {
        /// Customers when the period begins.
        CustomersAtStart = "customers_at_start", StockFirst, Count;
        /// Customers when the period ends.
        CustomersAtEnd = "customers_at_end", StockLast, Count;
        /// Customers gained in the period.
        NewCustomers = "new_customers", Sum, Count;
        /// Customers lost in the period.
        LostCustomers = "lost_customers", Sum, Count;
        /// New customers who finished onboarding.
        OnboardedCustomers = "onboarded_customers", Sum, Count;
    }
    "revenue" {
        /// Revenue net of refunds.
        Revenue = "revenue", Sum, Money;
        /// Revenue before refunds.
        GrossRevenue = "gross_revenue", Sum, Money;
        /// Money given back.
        Refunds = "refunds", Sum, Money;
        /// Orders or payments.
        Orders = "orders", Sum, Count;
        /// Distinct customers who ordered.
        Customers = "customers", Distinct, Count;
        /// Distinct customers with two orders or more in the whole file.
        RepeatCustomers = "repeat_customers", Distinct, Count;
        /// Net revenue of customers with two orders or more in the whole file.
        RepeatRevenue = "repeat_revenue", Sum, Money;
        /// Net revenue of customers whose first order lies in the period.
        NewRevenue = "new_revenue", Sum, Money;
        /// Revenue of customers who had a marketing touch before they bought.
        InfluencedRevenue = "influenced_revenue", Sum, Money;
        /// Revenue credited by an attribution model.
        AttributedRevenue = "attributed_revenue", Sum, Money;
    }
    "subscriptions" {
        /// What the running subscriptions come to in a year.
        AnnualRecurringRevenue = "annual_recurring_revenue", Sum, Money;
        /// What the running subscriptions come to in a month.
        MonthlyRecurringRevenue = "monthly_recurring_revenue", Sum, Money;
        /// Monthly recurring revenue when the period begins.
        MrrAtStart = "mrr_at_start", StockFirst, Money;
        /// Monthly recurring revenue of customers gained in the period.
        NewMrr = "new_mrr", Sum, Money;
        /// Monthly recurring revenue by which customers at the start now pay more.
        ExpansionMrr = "expansion_mrr", Sum, Money;
        /// Monthly recurring revenue by which customers at the start now pay less, those lost not counted.
        ContractionMrr = "contraction_mrr", Sum, Money;
        /// Monthly recurring revenue of customers lost in the period.
        ChurnedMrr = "churned_mrr", Sum, Money;
    }
    "surveys" {
        /// Answers to a satisfaction question.
        Answers = "answers", Sum, Count;
        /// Those of `answers` that count as satisfied (4 or 5 of 5).
        SatisfiedAnswers = "satisfied_answers", Sum, Count;
        /// Answers of 9 or 10 to the recommendation question.
        Promoters = "promoters", Sum, Count;
        /// Answers of 7 or 8 to the recommendation question.
        Passives = "passives", Sum, Count;
        /// Answers of 0 to 6 to the recommendation question.
        Detractors = "detractors", Sum, Count;
    }
    "operations" {
        /// Minutes saved: (minutes by hand − minutes automated) × runs, row by row.
        MinutesSaved = "minutes_saved", Sum, Number;
        /// Cost of labour saved: hours saved × hourly cost, row by row.
        LabourSaved = "labour_saved", Sum, Money;
        /// Cost of people no longer needed.
        PeopleSavedCost = "people_saved_cost", Sum, Money;
        /// Revenue that the automation added.
        RevenueUplift = "revenue_uplift", Sum, Money;
        /// Cost of the marketing-automation platform.
        PlatformCost = "platform_cost", Sum, Money;
        /// One-off cost of setting it up.
        SetupCost = "setup_cost", Sum, Money;
        /// Cost of training.
        TrainingCost = "training_cost", Sum, Money;
        /// Cost of the people who run it.
        PeopleCost = "people_cost", Sum, Money;
        /// Sales calls made.
        Calls = "calls", Sum, Count;
        /// Demonstrations booked.
        DemosBooked = "demos_booked", Sum, Count;
    }
    "parameters" {
        /// Share of revenue left after the cost of what was sold; 1 unless given.
        GrossMargin = "gross_margin", Parameter, Share;
        /// Discount rate of future value, a year.
        DiscountRate = "discount_rate", Parameter, Share;
        /// Days that the data cover, first and last included.
        PeriodDays = "period_days", Parameter, Number;
    }
}

impl Measure {
    /// Stable id: `ad_clicks`.
    pub const fn id(self) -> &'static str {
        self.def().id
    }

    /// Whether it counts people once a row: its sum counts whoever is in two rows twice.
    pub const fn counts_people(self) -> bool {
        matches!(self, Measure::Visitors | Measure::LandingVisitors)
    }

    /// How it adds up.
    pub const fn additivity(self) -> Additivity {
        self.def().additivity
    }

    /// What one unit of it is.
    pub const fn unit(self) -> Unit {
        self.def().unit
    }

    /// Whether it is an amount of money, and so needs one currency.
    pub fn is_money(self) -> bool {
        self.unit() == Unit::Money
    }

    /// Whether only whole numbers make sense (clicks, orders), so that a fraction is refused.
    pub fn is_whole(self) -> bool {
        self.unit() == Unit::Count
    }

    /// The catalogue's measure of that id.
    pub fn from_id(id: &str) -> Option<Measure> {
        Measure::ALL.iter().copied().find(|measure| measure.id() == id)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_snake_case_and_round_trip() {
        let mut seen = std::collections::BTreeSet::new();
        for &measure in Measure::ALL {
            let id = measure.id();
            assert!(seen.insert(id), "{id} is declared twice");
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{id}");
            assert_eq!(Measure::from_id(id), Some(measure));
            assert!(measure.def().summary.ends_with('.'), "{id} needs a sentence");
            assert!(!measure.def().summary.starts_with(' '), "{id}");
        }
    }
}
