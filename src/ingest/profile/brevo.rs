//! Brevo, once Sendinblue: e-mail campaigns, and the statistics of its interface.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{
    Clicks, Complaints, Delivered, HardBounces, Opens, Sent, SoftBounces, TotalClicks, TotalOpens, Unsubscribes,
};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "brevo-campaigns",
        platform: "brevo",
        export: "campaigns",
        kind: Kind::Campaigns,
        evidence: Evidence::Documentation,
        signature: &["Campaign name", "Recipients", "Openers", "Clickers"],
        columns: CAMPAIGNS,
        constants: &[("channel", "email")],
        notes: &[
            "Openers include mail-privacy prefetches unless the account leaves them out.",
            "Older exports, of the time of Sendinblue, rate opens on what was sent.",
            "Cells may be separated by semicolons.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "brevo-statistics",
        platform: "brevo",
        export: "statistics of the interface (JSON)",
        kind: Kind::Campaigns,
        evidence: Evidence::Documentation,
        signature: &["requests", "delivered", "uniqueOpens", "uniqueClicks", "spamReports"],
        columns: STATISTICS,
        constants: &[("channel", "email")],
        notes: &["\"requests\" is what was handed over; \"blocked\" and \"invalid\" were never sent on and are no bounces."],
        ..Profile::DEFAULT
    },
];

const CAMPAIGNS: &[Column] = &[
    dimension(&["Campaign name", "Nom de la campagne"], "campaign"),
    col(&["Date sent", "Sent date", "Send date", "Date d'envoi"], Role::Date),
    col(&["Campaign ID"], Role::Id),
    measure(&["Recipients", "Destinataires"], &[Sent]),
    measure(&["Delivered", "Délivrés"], &[Delivered]),
    measure(&["Openers", "Ouvreurs"], &[Opens]),
    measure(&["Clickers", "Cliqueurs"], &[Clicks]),
    measure(&["Unsubscribed", "Désinscrits"], &[Unsubscribes]),
    measure(&["Complaints", "Plaintes"], &[Complaints]),
    measure(&["Hard bounces"], &[HardBounces]),
    measure(&["Soft bounces"], &[SoftBounces]),
    col(&["Open rate", "Taux d'ouverture"], Role::PrintedRate("open_rate")),
    col(&["Click rate", "Taux de clics"], Role::PrintedRate("ctr")),
    col(&["Subject", "Objet"], Role::Ignored),
];

const STATISTICS: &[Column] = &[
    col(&["date"], Role::Date),
    col(&["range"], Role::DateRange),
    dimension(&["tag"], "tag"),
    measure(&["requests"], &[Sent]),
    measure(&["delivered"], &[Delivered]),
    measure(&["hardBounces"], &[HardBounces]),
    measure(&["softBounces"], &[SoftBounces]),
    measure(&["opens"], &[TotalOpens]),
    measure(&["uniqueOpens"], &[Opens]),
    measure(&["clicks"], &[TotalClicks]),
    measure(&["uniqueClicks"], &[Clicks]),
    measure(&["spamReports"], &[Complaints]),
    measure(&["unsubscribed"], &[Unsubscribes]),
    col(&["blocked"], Role::Ignored),
    col(&["invalid"], Role::Ignored),
];
