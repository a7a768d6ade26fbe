//! Kaggle: the lead-scoring data of X Education.

use super::{Column, Evidence, Profile, Role, col, dimension};
use crate::measures::{Kind, Stage};

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "kaggle-lead-scoring",
    platform: "kaggle",
    export: "lead scoring (X Education)",
    kind: Kind::Leads,
    evidence: Evidence::RealFile,
    signature: &["Prospect ID", "Lead Number", "Lead Origin", "Lead Source", "Converted"],
    columns: LEADS,
    notes: &[
        "There are no dates; \"Converted\" says whether the lead became a customer.",
        "\"Select\" in a cell means that nobody chose anything, and sources differ in case (Google, google).",
        "There are two scores, of activity and of profile, and no lead score: name one of them in mak.toml to use it.",
    ],
    ..Profile::DEFAULT
}];

const LEADS: &[Column] = &[
    col(&["Prospect ID"], Role::LeadId),
    col(&["Lead Number"], Role::Id),
    col(&["Converted"], Role::StageFlag(Stage::Won)),
    dimension(&["Lead Origin"], "origin"),
    dimension(&["Lead Source"], "source"),
    dimension(&["Country"], "country"),
    dimension(&["City"], "city"),
    dimension(&["Specialization"], "specialization"),
    dimension(&["Lead Quality"], "quality"),
    dimension(&["Lead Profile"], "profile"),
    dimension(&["Last Activity"], "last activity"),
    dimension(&["Last Notable Activity"], "last notable activity"),
    col(&["TotalVisits"], Role::Ignored),
    col(&["Total Time Spent on Website"], Role::Ignored),
    col(&["Page Views Per Visit"], Role::Ignored),
    col(&["Asymmetrique Activity Score"], Role::Ignored),
    col(&["Asymmetrique Profile Score"], Role::Ignored),
];
