//! `MailerLite`: the report of a campaign in the classic product.

use super::{Column, Evidence, Profile, Role, Shape, col, dimension, measure};
use crate::kpi::Measure::{Clicks, Complaints, HardBounces, Opens, Sent, SoftBounces, Unsubscribes};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "mailerlite-campaign-report",
    platform: "mailerlite",
    export: "report of one campaign (classic)",
    kind: Kind::Campaigns,
    evidence: Evidence::Fixture,
    signature: &["Total emails sent:", "Opened:", "Clicked:", "Hard bounce:", "Soft bounce:"],
    columns: REPORT,
    constants: &[("channel", "email")],
    shape: Shape::Vertical { first_cell: &["Campaign report"], blocks: &[], ends_at: &["Links activity"] },
    notes: &[
        "A label and its value a line, a count with its rate behind it: 1489 (38.91%).",
        "Opens and clicks are rated on what was delivered, unsubscribes, complaints and bounces on what was sent.",
        "\"Sent\", without a colon, is the date.",
    ],
    ..Profile::DEFAULT
}];

const REPORT: &[Column] = &[
    dimension(&["Subject:"], "campaign"),
    col(&["Sent"], Role::Date),
    measure(&["Total emails sent:"], &[Sent]),
    measure(&["Opened:"], &[Opens]),
    measure(&["Clicked:"], &[Clicks]),
    measure(&["Unsubscribed:"], &[Unsubscribes]),
    measure(&["Spam complaints:"], &[Complaints]),
    measure(&["Hard bounce:"], &[HardBounces]),
    measure(&["Soft bounce:"], &[SoftBounces]),
    col(&["Mobile:"], Role::Ignored),
    col(&["Webmail:"], Role::Ignored),
    col(&["Desktop:"], Role::Ignored),
    col(&["Campaign results"], Role::Ignored),
    col(&["Bad statistics"], Role::Ignored),
    col(&["Reading environment"], Role::Ignored),
];
