//! `YouTube` Studio: the table of content.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{Comments, Likes, Shares, VideoHours};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "youtube-content",
    platform: "youtube",
    export: "content",
    kind: Kind::Social,
    evidence: Evidence::SecondHand,
    signature: &["Content", "Video title", "Video publish time", "Watch time (hours)"],
    columns: CONTENT,
    totals_cover_more: true,
    constants: &[("channel", "social")],
    notes: &[
        "The first row is the total of the channel, which may exceed the sum of the videos.",
        "\"Subscribers\" are those gained less those lost through the video, not the followers of the channel.",
        "\"Impressions\" are of thumbnails, not of ads; \"Views\" have no measure here.",
        "\"Video publish time\" is when the video came out; the figures are of the period that was exported, which no column names.",
    ],
    ..Profile::DEFAULT
}];

const CONTENT: &[Column] = &[
    dimension(&["Video title"], "post"),
    dimension(&["Video publish time"], "published"),
    col(&["Content"], Role::Id),
    measure(&["Watch time (hours)"], &[VideoHours]),
    measure(&["Likes"], &[Likes]),
    measure(&["Comments added"], &[Comments]),
    measure(&["Shares"], &[Shares]),
    col(&["Views"], Role::Ignored),
    col(&["Engaged views"], Role::Ignored),
    col(&["Unique viewers"], Role::Ignored),
    col(&["Subscribers"], Role::Ignored),
    col(&["Subscribers gained"], Role::Ignored),
    col(&["Subscribers lost"], Role::Ignored),
    col(&["Dislikes"], Role::Ignored),
    col(&["Likes (vs. dislikes) (%)"], Role::Ignored),
    col(&["Impressions"], Role::Ignored),
    col(&["Impressions click-through rate (%)"], Role::Ignored),
    col(&["Average view duration"], Role::Ignored),
    col(&["Average percentage viewed (%)"], Role::Ignored),
    col(&["Duration"], Role::Ignored),
];
