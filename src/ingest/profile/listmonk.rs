//! Listmonk: campaigns as its interface lists them.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{Bounces, Sent, TotalClicks, TotalOpens};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "listmonk-campaigns",
    platform: "listmonk",
    export: "campaigns (JSON)",
    kind: Kind::Campaigns,
    evidence: Evidence::Memory,
    signature: &["to_send", "sent", "views", "clicks", "bounces"],
    columns: CAMPAIGNS,
    constants: &[("channel", "email")],
    notes: &["Views and clicks count every repetition, so that they are total opens and total clicks, and give no open rate."],
    ..Profile::DEFAULT
}];

const CAMPAIGNS: &[Column] = &[
    dimension(&["name"], "campaign"),
    dimension(&["status"], "status"),
    col(&["started_at"], Role::Date),
    col(&["id"], Role::Id),
    col(&["uuid"], Role::Id),
    measure(&["sent"], &[Sent]),
    measure(&["views"], &[TotalOpens]),
    measure(&["clicks"], &[TotalClicks]),
    measure(&["bounces"], &[Bounces]),
    col(&["to_send"], Role::Ignored),
    col(&["subject"], Role::Ignored),
    col(&["from_email"], Role::Ignored),
    col(&["body"], Role::Ignored),
    col(&["altbody"], Role::Ignored),
    col(&["created_at"], Role::Ignored),
    col(&["updated_at"], Role::Ignored),
    col(&["send_at"], Role::Ignored),
    col(&["template_id"], Role::Ignored),
    col(&["lists"], Role::Ignored),
    col(&["tags"], Role::Ignored),
    col(&["headers"], Role::Ignored),
];
