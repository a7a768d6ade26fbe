//! Response and engagement: what people did with what they were sent or shown.

use super::common::SINCE_0_1;
use crate::kpi::Measure::{
    AdClicks, BouncedSessions, Bounces, Clicks, Complaints, Delivered, EngagedSessions, Engagements, Followers, HardBounces,
    Impressions, Inbox, MachineOpens, Opens, Reach, Sent, Sessions, SoftBounces, Subscribers, Unsubscribes, Visitors,
};
use crate::kpi::expr::formula;
use crate::kpi::{Better, Example, Expr, Kpi, Population, Unit};

pub(super) static KPIS: &[Kpi] = &[
    Kpi {
        id: "delivery_rate",
        name: "Delivery rate",
        aliases: &["delivered_rate"],
        summary: "Share of the messages sent that the receiving servers accepted.",
        formula: formula!(Delivered / Sent),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Sent, "10000"), (Delivered, "9800")],
            gives: "0.98",
            from: "callculator.cc, \"Email Open Rate Calculator\": 10,000 sent, 2 % bounced, 9,800 delivered",
        },
        pitfalls: "Accepted is not the same as seen: a message in the spam folder counts as delivered; see inbox_rate.",
        source: "geratools.com, \"Email Open Rate Calculator\": delivered by sent; HubSpot reports the same.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "open_rate",
        name: "Open rate",
        aliases: &["unique_open_rate"],
        summary: "Share of the messages that at least one person opened.",
        formula: formula!(Opens / Recipients),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Opens, "3000"), (Delivered, "9800")],
            gives: "0.3061",
            from: "callculator.cc, \"Email Open Rate Calculator\": 3,000 opens of 9,800 delivered are 30.61 %",
        },
        pitfalls: "Mail-privacy prefetches open messages that nobody read; see open_rate_excluding_machine. Total \
            opens, which count repetitions, give a higher rate that is not this one.",
        source: "Mailchimp, \"About custom report metrics\": unique opens by successful deliveries.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "open_rate_excluding_machine",
        name: "Open rate without machine opens",
        aliases: &["proxy_excluded_open_rate", "human_open_rate"],
        summary: "Share of the messages opened by something other than a mail client’s prefetch.",
        formula: formula!((Opens - MachineOpens) / Recipients),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Opens, "88"), (MachineOpens, "41"), (Delivered, "138")],
            gives: "0.3406",
            from: "HubSpot Community, idea 1065284 \"Fix Open Rate Calculation\": 88 opens with bots, 41 by bots, \
                138 delivered, shown as 34.06 %",
        },
        pitfalls: "Too low by construction: people behind a prefetching client stay in the denominator although \
            their real opens cannot be seen. See open_rate_adjusted.",
        source: "Mailchimp Marketing API, field proxy_excluded_open_rate; HubSpot with bot filtering on.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "open_rate_adjusted",
        name: "Adjusted open rate",
        aliases: &["adjusted_open_rate"],
        summary: "Open rate among those recipients whose opens can be told from a machine’s.",
        formula: formula!((Opens - MachineOpens) / (Delivered - MachineOpens)),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Opens, "88"), (MachineOpens, "41"), (Delivered, "138")],
            gives: "0.4845",
            from: "HubSpot Community, idea 1065284 \"Fix Open Rate Calculation\": 47 opens by (138 delivered less \
                41 by bots)",
        },
        pitfalls: "An estimate: it supposes that people behind a prefetching client open as often as the others. \
            Always over delivered, whatever the basis.",
        source: "HubSpot Knowledge Base, \"Analyze the adjusted open rate of your emails\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "ctr",
        name: "Click rate of messages",
        aliases: &["click_rate", "click_through_rate", "email_ctr"],
        summary: "Share of the messages in which at least one link was clicked.",
        formula: formula!(Clicks / Recipients),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Clicks, "675"), (Delivered, "17640")],
            gives: "0.0383",
            from: "super-calc.com, \"Email Open Rate Calculator\", example 1: 18,000 sent, 360 bounced, 675 clicks",
        },
        pitfalls: "Some platforms call clicks by opens the click-through rate; that is click_to_open_rate here. \
            Security scanners click too.",
        source: "Mailchimp, Klaviyo and HubSpot, \"Click rate\": unique clicks by deliveries.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "click_to_open_rate",
        name: "Click-to-open rate",
        aliases: &["ctor", "clicks_per_unique_opens"],
        summary: "Clicks as a share of the messages that were opened.",
        formula: formula!(Clicks / Opens),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Clicks, "675"), (Opens, "4212")],
            gives: "0.1603",
            from: "super-calc.com, \"Email Open Rate Calculator\", example 1: 675 clicks of 4,212 opens",
        },
        pitfalls: "Falls when machine opens rise although nobody behaves differently. A click without a counted \
            open (images off) can push it above 100 %.",
        source: "Mailchimp, \"About custom report metrics\": clicks per unique opens; HubSpot calls it the \
            click-through rate.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "ad_ctr",
        name: "Click-through rate of ads",
        aliases: &["ads_ctr", "ad_click_through_rate"],
        summary: "Share of the times an ad was shown that led to a click.",
        formula: formula!(AdClicks / Impressions),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(AdClicks, "5"), (Impressions, "100")],
            gives: "0.05",
            from: "Google Ads Help, \"Clickthrough rate (CTR): Definition\": 5 clicks, 100 impressions, 5 %",
        },
        pitfalls: "Meta’s \"Clicks (all)\" counts likes and profile visits too; link clicks give the comparable \
            rate. Rates of rows must not be averaged.",
        source: "Google Ads Help, \"Clickthrough rate (CTR): Definition\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "bounce_rate",
        name: "Bounce rate of messages",
        aliases: &["email_bounce_rate"],
        summary: "Share of the messages sent that came back.",
        formula: formula!(Bounces / Sent),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(Bounces, "20"), (Sent, "1000")],
            gives: "0.02",
            from: "ringba.com, glossary \"Email Bounce Rate\": 20 of 1,000 came back, 2 %",
        },
        pitfalls: "Not the bounce rate of a web site; that is web_bounce_rate. Always over sent: a message that \
            bounced was never delivered.",
        source: "HubSpot and Mautic: hard and soft bounces by sent.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "hard_bounce_rate",
        name: "Hard bounce rate",
        aliases: &["permanent_bounce_rate"],
        summary: "Share of the messages sent that came back for good, the address being wrong.",
        formula: formula!(HardBounces / Sent),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(HardBounces, "150"), (Sent, "10000")],
            gives: "0.015",
            from: "geratools.com, \"Email Open Rate Calculator\": 150 hard bounces of 10,000 sent",
        },
        pitfalls: "Platforms differ in what is permanent: blocks by reputation are hard for some and soft for others.",
        source: "Splio support, \"What are SOFT and HARD bounces emails\": hard bounces by sent.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "soft_bounce_rate",
        name: "Soft bounce rate",
        aliases: &["temporary_bounce_rate"],
        summary: "Share of the messages sent that came back for now: a full mailbox, a busy server.",
        formula: formula!(SoftBounces / Sent),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(SoftBounces, "50"), (Sent, "10000")],
            gives: "0.005",
            from: "By definition (Splio support, \"What are SOFT and HARD bounces emails\"): 50 of 10,000 sent",
        },
        pitfalls: "Many platforms turn a soft bounce into a hard one after a few attempts, so that the two rates \
            cannot be compared across platforms.",
        source: "Splio support, \"What are SOFT and HARD bounces emails\": soft bounces by sent.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "web_bounce_rate",
        name: "Bounce rate of visits",
        aliases: &["site_bounce_rate"],
        summary: "Share of the visits that ended on the page where they began, or that the analytics tool does not \
            call engaged.",
        formula: formula!(BouncedSessions / Sessions),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(BouncedSessions, "1117"), (Sessions, "1810")],
            gives: "0.617",
            from: "bbccss.com, \"Engagement Rate vs Bounce Rate in GA4\" (2026): 1,810 sessions of which 693 \
                engaged, bounce rate 61.7 %",
        },
        pitfalls: "Two definitions share the name: single-page visits (Universal Analytics, Matomo) and visits that \
            are not engaged (GA4). They must not be compared.",
        source: "Google Analytics Help, \"Engagement rate and bounce rate\"; Matomo counts single-page visits; \
            \"13 KPIs of marketing automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "engagement_rate_web",
        name: "Engagement rate of visits",
        aliases: &["web_engagement_rate", "ga4_engagement_rate"],
        summary: "Share of the visits that the analytics tool calls engaged.",
        formula: formula!(EngagedSessions / Sessions),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(EngagedSessions, "693"), (Sessions, "1810")],
            gives: "0.383",
            from: "bbccss.com, \"Engagement Rate vs Bounce Rate in GA4\" (2026): 693 engaged of 1,810 sessions, 38.3 %",
        },
        pitfalls: "GA4 calls a visit engaged after 10 seconds by default, which the owner of the property may \
            change. It is 1 less web_bounce_rate in GA4 only.",
        source: "Google Analytics Help, \"Engagement rate and bounce rate\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "inbox_rate",
        name: "Inbox placement rate",
        aliases: &["inbox_placement_rate", "ipr"],
        summary: "Share of the messages sent that reached the inbox rather than the spam folder or nothing.",
        formula: formula!(Inbox / Sent),
        unit: Unit::Share,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Inbox, "85"), (Sent, "100")],
            gives: "0.85",
            from: "By definition (MxToolbox, \"What Is Inbox Placement Rate?\"): 85 of 100 seed messages in the inbox",
        },
        pitfalls: "Measured on a panel of seed addresses, not on the list itself. Some divide by delivered, or by \
            inbox and spam together; both give more.",
        source: "MxToolbox, \"What Is Inbox Placement Rate?\": in the inbox by sent; \"13 KPIs of marketing \
            automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "unsubscribe_rate",
        name: "Unsubscribe rate",
        aliases: &["unsub_rate", "opt_out_rate"],
        summary: "Share of the messages whose recipient unsubscribed.",
        formula: formula!(Unsubscribes / Recipients),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(Unsubscribes, "25"), (Delivered, "5000")],
            gives: "0.005",
            from: "calculator.city, \"How to Calculate Unsubscribe Rate Email\": 25 of 5,000 delivered (5,100 \
                sent), 0.5 %",
        },
        pitfalls: "Mailchimp’s custom reports divide by opens, which gives a multiple of this. Unsubscribes through \
            the mail client may be missing.",
        source: "Klaviyo and SparkPost: unsubscribes by delivered; Mautic by sent.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "list_unsubscribe_rate",
        name: "List unsubscribe rate",
        aliases: &["list_opt_out_rate", "list_churn_rate"],
        summary: "Unsubscribes in the period relative to the size of the list.",
        formula: formula!(Unsubscribes / Subscribers),
        unit: Unit::Percent,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(Unsubscribes, "100"), (Subscribers, "20000")],
            gives: "0.005",
            from: "By definition (ipabla.com, \"Unsubscribe rate\": unsubscribed by list size): 100 of a list of 20,000",
        },
        pitfalls: "The list is counted at the end of the period, without those who left. Not comparable with \
            unsubscribe_rate: one list gets many messages.",
        source: "\"13 KPIs of marketing automation\"; ipabla.com, \"Unsubscribe rate\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "complaint_rate",
        name: "Spam complaint rate",
        aliases: &["spam_rate", "spam_complaint_rate", "abuse_rate"],
        summary: "Share of the messages that their recipient reported as spam.",
        formula: formula!(Complaints / Recipients),
        unit: Unit::Share,
        better: Better::Lower,
        population: Population::SameSource,
        example: Example {
            given: &[(Complaints, "5"), (Delivered, "10000")],
            gives: "0.0005",
            from: "Insider Academy, \"Reduce unsubscribe rate\": 5 complaints of 10,000, 0.05 %",
        },
        pitfalls: "Gmail sends no reports to most senders, so the true rate is higher; mailbox providers act from \
            0.1 % to 0.3 %.",
        source: "Insider Academy and SparkPost: complaints by delivered; Mailchimp by sent.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "social_engagement_rate",
        name: "Engagement rate by followers",
        aliases: &["engagement_rate_by_followers"],
        summary: "Interactions in the period relative to the followers of the page.",
        formula: formula!(Engagements / Followers),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Engagements, "500"), (Followers, "10000")],
            gives: "0.05",
            from: "forum.getassist.net, \"How to Calculate Instagram Engagement Rate\": 500 interactions, 10,000 \
                followers, 5 %",
        },
        pitfalls: "Adds up every post of the period, so a longer period gives a higher rate. Interactions of one \
            person count each time.",
        source: "Hootsuite (Katie Sehl), \"Ways to calculate engagement rate\": total engagements by total \
            followers; \"How to measure marketing automation success: key metrics to track\" (2023), \"What \
            is a KPI in marketing automation: measuring the robot’s efficiency\", \"13 KPIs of marketing \
            automation\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "engagement_by_reach",
        name: "Engagement rate by reach",
        aliases: &["engagement_rate_by_reach", "err"],
        summary: "Interactions relative to the people who saw the post.",
        formula: formula!(Engagements / Reach),
        unit: Unit::Percent,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Engagements, "500"), (Reach, "10000")],
            gives: "0.05",
            from: "conbersa.ai, \"What Is the Engagement Formula?\": 500 engagements, 10,000 reached, 5 %",
        },
        pitfalls: "Reach does not add over posts, because the people overlap: this exists for a single row only. \
            Never divide by a sum of reaches.",
        source: "Hootsuite (Katie Sehl), \"Ways to calculate engagement rate\": engagements by reach.",
        status: SINCE_0_1,
    },
    Kpi {
        id: "reach",
        name: "Reach",
        aliases: &["people_reached"],
        summary: "People who saw a post or an ad at least once.",
        formula: formula!(Reach),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::SameSource,
        example: Example {
            given: &[(Reach, "50000")],
            gives: "50000",
            from: "By definition, a total; \"What is a KPI in marketing automation: measuring the robot’s \
                efficiency\": from 20,000 to 50,000 people reached",
        },
        pitfalls: "Never added: people overlap between posts, ads and days. Available only where a group has a \
            single row.",
        source: "\"What is a KPI in marketing automation: measuring the robot’s efficiency\"; Meta Business Help, \
            \"Reach\".",
        status: SINCE_0_1,
    },
    Kpi {
        id: "site_traffic",
        name: "Site traffic",
        aliases: &["web_traffic", "traffic"],
        summary: "Visitors of the site, or visits where only those are known; which one is said.",
        formula: Expr::FirstOf(&[formula!(Visitors), formula!(Sessions)]),
        unit: Unit::Count,
        better: Better::Higher,
        population: Population::Joined,
        example: Example {
            given: &[(Visitors, "50000"), (Sessions, "62000")],
            gives: "50000",
            from: "By definition: the visitors where they are known",
        },
        pitfalls: "Visitors overlap between days and devices, so sums over days exceed the visitors of the month. \
            Do not compare a period of visitors with one of visits.",
        source: "\"What is a KPI in marketing automation: measuring the robot’s efficiency\", \"13 KPIs of \
            marketing automation\": traffic to the site, in all and by source.",
        status: SINCE_0_1,
    },
];
