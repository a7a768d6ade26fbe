//! The rates that other tools show on their screens, under their names and over their
//! denominators, so that a user can reconcile `mak` with what they see there.
//!
//! A screen's rows are KPIs like any other: they take the catalogue's place with `--like`.

use super::expr::{Expr, formula};
use super::row::{Better, Example, Kpi, Population, Status};
use super::unit::Unit;

/// The rates of one tool's screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// The tool, as `--like` takes it.
    pub platform: &'static str,
    /// Its rates, in the order of its screen.
    pub kpis: &'static [Kpi],
}

/// Every screen, in alphabetical order.
pub static SCREENS: &[Screen] = &[
    Screen { platform: "activecampaign", kpis: ACTIVECAMPAIGN },
    Screen { platform: "brevo", kpis: BREVO },
    Screen { platform: "ga4", kpis: GA4 },
    Screen { platform: "hubspot", kpis: HUBSPOT },
    Screen { platform: "klaviyo", kpis: KLAVIYO },
    Screen { platform: "mailchimp", kpis: MAILCHIMP },
    Screen { platform: "mailerlite", kpis: MAILERLITE },
    Screen { platform: "mailjet", kpis: MAILJET },
    Screen { platform: "mautic", kpis: MAUTIC },
    Screen { platform: "salesforce", kpis: SALESFORCE },
    Screen { platform: "sendgrid", kpis: SENDGRID },
    Screen { platform: "sparkpost", kpis: SPARKPOST },
    Screen { platform: "telnyx", kpis: TELNYX },
];

/// A rate as a tool shows it. Rates that count repetitions may exceed 1 and are no proportions.
const fn shown(id: &'static str, name: &'static str, formula: Expr, unit: Unit, better: Better, source: &'static str) -> Kpi {
    Kpi {
        id,
        name,
        aliases: &[],
        summary: "A rate as that tool's own screen shows it.",
        formula,
        unit,
        better,
        population: Population::SameSource,
        example: Example::NONE,
        pitfalls: "The same word has other denominators elsewhere; mak explain shows the catalogue's own definition.",
        source,
        status: Status::Stable { since: "0.1.0" },
    }
}

const fn up(id: &'static str, name: &'static str, formula: Expr, source: &'static str) -> Kpi {
    shown(id, name, formula, Unit::Share, Better::Higher, source)
}

const fn down(id: &'static str, name: &'static str, formula: Expr, source: &'static str) -> Kpi {
    shown(id, name, formula, Unit::Share, Better::Lower, source)
}

const MAILCHIMP_REPORTS: &str = "Mailchimp Help, \"Custom report metrics\".";
const MAILCHIMP: &[Kpi] = &[
    up("open_rate", "Open rate", formula!(Opens / Delivered), MAILCHIMP_REPORTS),
    up(
        "proxy_excluded_open_rate",
        "Proxy-excluded open rate",
        formula!((Opens - MachineOpens) / Delivered),
        "Mailchimp Marketing API, proxy_excluded_open_rate: opens by people, by messages delivered.",
    ),
    up("click_rate", "Click rate", formula!(Clicks / Delivered), MAILCHIMP_REPORTS),
    up("clicks_per_unique_opens", "Clicks per unique opens", formula!(Clicks / Opens), MAILCHIMP_REPORTS),
    down("bounce_rate", "Bounce rate", formula!(Bounces / Sent), MAILCHIMP_REPORTS),
    down(
        "unsubscribe_rate",
        "Unsubscribe rate",
        formula!(Unsubscribes / Opens),
        "Mailchimp Help, \"Custom report metrics\": of the recipients who opened.",
    ),
    down(
        "abuse_rate",
        "Abuse complaint rate",
        formula!(Complaints / Sent),
        "Mailchimp Marketing API: abuse reports by emails sent.",
    ),
];

const GA4_HELP: &str = "Google Analytics Help, \"Engagement rate and bounce rate\": engaged sessions by sessions, and the rest.";
const GA4: &[Kpi] = &[
    up("engagement_rate", "Engagement rate", formula!(EngagedSessions / Sessions), GA4_HELP),
    down("bounce_rate", "Bounce rate", formula!(BouncedSessions / Sessions), GA4_HELP),
];

const HUBSPOT_HELP: &str = "HubSpot Knowledge Base, \"Analyze your marketing email campaign performance\".";
const HUBSPOT: &[Kpi] = &[
    up("delivery_rate", "Delivery rate", formula!(Delivered / Sent), HUBSPOT_HELP),
    up("open_rate", "Open rate", formula!(Opens / Delivered), HUBSPOT_HELP),
    up(
        "adjusted_open_rate",
        "Adjusted open rate",
        formula!((Opens - MachineOpens) / (Delivered - MachineOpens)),
        "HubSpot Knowledge Base, \"Analyze the adjusted open rate of your emails\" (2023).",
    ),
    up("click_rate", "Click rate", formula!(Clicks / Delivered), HUBSPOT_HELP),
    up(
        "click_through_rate",
        "Click-through rate",
        formula!(Clicks / Opens),
        "HubSpot Knowledge Base: clicks by opens, elsewhere called click-to-open rate.",
    ),
    down("bounce_rate", "Bounce rate", formula!(Bounces / Sent), HUBSPOT_HELP),
    down("hard_bounce_rate", "Hard bounce rate", formula!(HardBounces / Sent), HUBSPOT_HELP),
    down("unsubscribe_rate", "Unsubscribe rate", formula!(Unsubscribes / Delivered), HUBSPOT_HELP),
    down("spam_report_rate", "Spam report rate", formula!(Complaints / Delivered), HUBSPOT_HELP),
];

const KLAVIYO_HELP: &str = "Klaviyo Help Center, \"Campaign metrics\".";
const KLAVIYO: &[Kpi] = &[
    up("open_rate", "Open rate", formula!(Opens / Delivered), KLAVIYO_HELP),
    up("click_rate", "Click rate", formula!(Clicks / Delivered), KLAVIYO_HELP),
    shown(
        "placed_order_rate",
        "Placed order rate",
        formula!(Conversions / Delivered),
        Unit::Percent,
        Better::Higher,
        KLAVIYO_HELP,
    ),
    shown(
        "revenue_per_recipient",
        "Revenue per recipient",
        formula!(Revenue / Delivered),
        Unit::Money,
        Better::Higher,
        KLAVIYO_HELP,
    ),
    down("bounce_rate", "Bounce rate", formula!(Bounces / Sent), KLAVIYO_HELP),
    down("unsubscribe_rate", "Unsubscribe rate", formula!(Unsubscribes / Delivered), KLAVIYO_HELP),
    down("spam_complaint_rate", "Spam complaint rate", formula!(Complaints / Delivered), KLAVIYO_HELP),
];

const MAUTIC_CODE: &str = "Mautic, the ratios of its email report.";
const MAUTIC: &[Kpi] = &[
    up("read_ratio", "Read ratio", formula!(Opens / Sent), MAUTIC_CODE),
    up("click_through_ratio", "Click-through ratio", formula!(Clicks / Sent), MAUTIC_CODE),
    down("bounced_ratio", "Bounced ratio", formula!(Bounces / Sent), MAUTIC_CODE),
    down("unsubscribed_ratio", "Unsubscribed ratio", formula!(Unsubscribes / Sent), MAUTIC_CODE),
    down("unsubscribe_to_open", "Unsubscribe-to-open ratio", formula!(Unsubscribes / Opens), MAUTIC_CODE),
];

const MAILERLITE_REPORT: &str = "MailerLite, its campaign report: opens and clicks by delivered, the rest by sent.";
const MAILERLITE: &[Kpi] = &[
    up("open_rate", "Open rate", formula!(Opens / Delivered), MAILERLITE_REPORT),
    up("click_rate", "Click rate", formula!(Clicks / Delivered), MAILERLITE_REPORT),
    up("click_to_open_rate", "Click-to-open rate", formula!(Clicks / Opens), MAILERLITE_REPORT),
    down("unsubscribe_rate", "Unsubscribe rate", formula!(Unsubscribes / Sent), MAILERLITE_REPORT),
    down("spam_rate", "Spam complaint rate", formula!(Complaints / Sent), MAILERLITE_REPORT),
    down("hard_bounce_rate", "Hard bounce rate", formula!(HardBounces / Sent), MAILERLITE_REPORT),
    down("soft_bounce_rate", "Soft bounce rate", formula!(SoftBounces / Sent), MAILERLITE_REPORT),
];

const MAILJET_HELP: &str = "Mailjet documentation, \"Statistics\".";
const MAILJET: &[Kpi] = &[
    up("open_rate", "Open rate", formula!(Opens / Delivered), MAILJET_HELP),
    up(
        "click_rate",
        "Click rate",
        formula!(Clicks / Opens),
        "Mailjet documentation: clicks by opens, elsewhere called click-to-open rate.",
    ),
    down("unsubscribe_rate", "Unsubscribe rate", formula!(Unsubscribes / Delivered), MAILJET_HELP),
    down("bounce_rate", "Bounce rate", formula!(Bounces / Sent), MAILJET_HELP),
];

const SALESFORCE_HELP: &str = "Salesforce Account Engagement, email metrics: every click counted.";
const SALESFORCE: &[Kpi] = &[
    up("delivery_rate", "Delivery rate", formula!(Delivered / Sent), SALESFORCE_HELP),
    up("unique_open_rate", "Unique open rate", formula!(Opens / Delivered), SALESFORCE_HELP),
    shown(
        "click_through_rate",
        "Click-through rate",
        formula!(TotalClicks / Delivered),
        Unit::Percent,
        Better::Higher,
        SALESFORCE_HELP,
    ),
    up("unique_click_through_rate", "Unique click-through rate", formula!(Clicks / Delivered), SALESFORCE_HELP),
];

const SENDGRID_HELP: &str = "Twilio SendGrid documentation, \"Marketing Campaigns stats\".";
const SENDGRID: &[Kpi] = &[
    up("delivered_rate", "Delivered", formula!(Delivered / Sent), SENDGRID_HELP),
    shown(
        "opens",
        "Opens",
        formula!(TotalOpens / Delivered),
        Unit::Percent,
        Better::Higher,
        "Twilio SendGrid documentation: every open counted.",
    ),
    up("unique_opens", "Unique opens", formula!(Opens / Delivered), SENDGRID_HELP),
    up("unique_clicks", "Unique clicks", formula!(Clicks / Delivered), SENDGRID_HELP),
    down("bounces", "Bounces", formula!(Bounces / Sent), SENDGRID_HELP),
    down("unsubscribes", "Unsubscribes", formula!(Unsubscribes / Delivered), SENDGRID_HELP),
    down("spam_reports", "Spam reports", formula!(Complaints / Delivered), SENDGRID_HELP),
];

const SPARKPOST_HELP: &str = "SparkPost documentation, \"Metrics definitions\": by accepted messages.";
const SPARKPOST: &[Kpi] = &[
    up("accepted_rate", "Accepted rate", formula!(Delivered / Sent), SPARKPOST_HELP),
    up("open_rate", "Open rate (approximate)", formula!(Opens / Delivered), SPARKPOST_HELP),
    up("click_through_rate", "Click-through rate (approximate)", formula!(Clicks / Delivered), SPARKPOST_HELP),
    down("bounce_rate", "Bounce rate", formula!(Bounces / Sent), SPARKPOST_HELP),
    down("unsubscribe_rate", "Unsubscribe rate", formula!(Unsubscribes / Delivered), SPARKPOST_HELP),
    down("spam_complaint_rate", "Spam complaint rate", formula!(Complaints / Delivered), SPARKPOST_HELP),
];

const TELNYX_HELP: &str = "Telnyx documentation of email events: clicks by opens are called click rate.";
const TELNYX: &[Kpi] = &[
    up("open_rate", "Open rate", formula!(Opens / Delivered), TELNYX_HELP),
    up("click_rate", "Click rate", formula!(Clicks / Opens), TELNYX_HELP),
    down("complaint_rate", "Complaint rate", formula!(Complaints / Delivered), TELNYX_HELP),
];

const BREVO_HELP: &str = "Brevo Help Center, campaign report.";
const BREVO: &[Kpi] = &[
    up("open_rate", "Open rate", formula!(Opens / Delivered), BREVO_HELP),
    up(
        "open_rate_by_sent",
        "Open rate (Sendinblue)",
        formula!(Opens / Sent),
        "Sendinblue help page, before the change of name: openings by sent.",
    ),
    up("click_rate", "Click rate", formula!(Clicks / Delivered), BREVO_HELP),
    down("unsubscribe_rate", "Unsubscribe rate", formula!(Unsubscribes / Delivered), BREVO_HELP),
    down("complaint_rate", "Complaint rate", formula!(Complaints / Delivered), BREVO_HELP),
];

const ACTIVECAMPAIGN_HELP: &str = "ActiveCampaign Help Center, \"Campaign performance report\".";
const ACTIVECAMPAIGN: &[Kpi] = &[
    up("open_rate", "Open rate", formula!(Opens / Delivered), ACTIVECAMPAIGN_HELP),
    up("click_rate", "Click rate", formula!(Clicks / Delivered), ACTIVECAMPAIGN_HELP),
    up("click_to_open_rate", "Click-to-open rate", formula!(Clicks / Opens), ACTIVECAMPAIGN_HELP),
    down(
        "unsubscribe_rate",
        "Unsubscribe rate",
        formula!(Unsubscribes / Sent),
        "ActiveCampaign Help Center: unsubscribes by sends.",
    ),
    down("bounce_rate", "Bounce rate", formula!(Bounces / Sent), ACTIVECAMPAIGN_HELP),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::{Basis, Measure, MeasureSet};
    use rust_decimal::Decimal;

    /// One campaign as the definitions of the field are compared over: 10,000 sent, 150 hard and
    /// 50 soft bounces, 3,920 unique opens of which 1,500 by machines, 441 unique and 620 total
    /// clicks, 49 unsubscribes, 6 complaints.
    fn campaign() -> MeasureSet {
        let mut set = MeasureSet::default();
        for (measure, value) in [
            (Measure::Sent, 10_000),
            (Measure::Delivered, 9_800),
            (Measure::Bounces, 200),
            (Measure::Opens, 3_920),
            (Measure::TotalOpens, 5_600),
            (Measure::MachineOpens, 1_500),
            (Measure::Clicks, 441),
            (Measure::TotalClicks, 620),
            (Measure::Unsubscribes, 49),
            (Measure::Complaints, 6),
        ] {
            set.put_number(measure, Decimal::from(value));
        }
        set
    }

    fn rate(platform: &str, id: &str) -> String {
        let screen = SCREENS.iter().find(|screen| screen.platform == platform).expect("a screen");
        let kpi = screen.kpis.iter().find(|kpi| kpi.id == id).expect("a rate");
        kpi.compute(&campaign(), Basis::Delivered).expect("computed").value.round_dp(10).normalize().to_string()
    }

    #[test]
    fn the_same_words_have_each_tools_own_denominators() {
        assert_eq!(rate("mailchimp", "open_rate"), "0.4");
        assert_eq!(rate("mautic", "read_ratio"), "0.392");
        assert_eq!(rate("sendgrid", "opens"), "0.5714285714");
        assert_eq!(rate("hubspot", "adjusted_open_rate"), "0.2915662651");
        assert_eq!(rate("hubspot", "click_through_rate"), "0.1125");
        assert_eq!(rate("mailchimp", "proxy_excluded_open_rate"), "0.2469387755");
        assert_eq!(rate("mailjet", "click_rate"), "0.1125");
        assert_eq!(rate("telnyx", "click_rate"), "0.1125");
        assert_eq!(rate("mailchimp", "click_rate"), "0.045");
        assert_eq!(rate("mautic", "click_through_ratio"), "0.0441");
        assert_eq!(rate("salesforce", "click_through_rate"), "0.0632653061");
        assert_eq!(rate("klaviyo", "unsubscribe_rate"), "0.005");
        assert_eq!(rate("mautic", "unsubscribed_ratio"), "0.0049");
        assert_eq!(rate("mailchimp", "unsubscribe_rate"), "0.0125");
        assert_eq!(rate("mailchimp", "abuse_rate"), "0.0006");
    }

    #[test]
    fn screens_are_in_order_and_name_each_rate_once() {
        assert!(SCREENS.is_sorted_by_key(|screen| screen.platform));
        for screen in SCREENS {
            let mut ids: Vec<_> = screen.kpis.iter().map(|kpi| kpi.id).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), screen.kpis.len(), "{}", screen.platform);
        }
    }
}
