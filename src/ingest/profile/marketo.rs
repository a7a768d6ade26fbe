//! Marketo: the e-mail performance report.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{Clicks, Delivered, HardBounces, Opens, Sent, SoftBounces, Unsubscribes};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "marketo-emails",
    platform: "marketo",
    export: "e-mail performance",
    kind: Kind::Campaigns,
    evidence: Evidence::Memory,
    signature: &["Email Name", "Clicked Link", "% Clicked Link", "% Opened"],
    columns: EMAILS,
    constants: &[("channel", "email")],
    notes: &["The last row holds the totals.", "Messages that are still pending are sent, yet neither delivered nor bounced."],
    ..Profile::DEFAULT
}];

const EMAILS: &[Column] = &[
    dimension(&["Email Name"], "campaign"),
    measure(&["Sent"], &[Sent]),
    measure(&["Delivered"], &[Delivered]),
    measure(&["Hard Bounced"], &[HardBounces]),
    measure(&["Soft Bounced"], &[SoftBounces]),
    measure(&["Opened"], &[Opens]),
    measure(&["Clicked Link"], &[Clicks]),
    measure(&["Unsubscribed"], &[Unsubscribes]),
    col(&["% Delivered"], Role::PrintedRate("delivery_rate")),
    col(&["% Opened"], Role::PrintedRate("open_rate")),
    col(&["% Clicked Link"], Role::PrintedRate("ctr")),
    col(&["Clicked to Open Ratio"], Role::PrintedRate("click_to_open_rate")),
    col(&["% Unsubscribed"], Role::PrintedRate("unsubscribe_rate")),
    col(&["% Hard Bounced"], Role::PrintedRate("hard_bounce_rate")),
    col(&["% Soft Bounced"], Role::PrintedRate("soft_bounce_rate")),
    col(&["Pending"], Role::Ignored),
    col(&["% Pending"], Role::Ignored),
];
