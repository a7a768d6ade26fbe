//! Mautic: the e-mail report.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{Bounces, Clicks, Opens, Sent, Unsubscribes};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "mautic-emails",
    platform: "mautic",
    export: "e-mails",
    kind: Kind::Campaigns,
    evidence: Evidence::Memory,
    signature: &["sent_count", "read_count", "clickthroughCount"],
    columns: EMAILS,
    constants: &[("channel", "email")],
    notes: &["Mautic's own rates are on what was sent: ask for --basis sent to find them again."],
    ..Profile::DEFAULT
}];

const EMAILS: &[Column] = &[
    dimension(&["name"], "campaign"),
    col(&["publish_up"], Role::Date),
    col(&["id"], Role::Id),
    measure(&["sent_count"], &[Sent]),
    measure(&["read_count"], &[Opens]),
    measure(&["clickthroughCount", "clickthrough_count"], &[Clicks]),
    measure(&["unsubscribed"], &[Unsubscribes]),
    measure(&["bounced"], &[Bounces]),
    col(&["subject"], Role::Ignored),
];
