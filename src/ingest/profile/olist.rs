//! Olist: the public funnel of a marketplace, qualified leads in one file and closed deals in the other.

use super::{Column, Evidence, Profile, Role, col, dimension};
use crate::measures::{Kind, Stage};

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "olist-leads",
        platform: "olist",
        export: "marketing qualified leads",
        kind: Kind::Leads,
        evidence: Evidence::RealFile,
        signature: &["mql_id", "first_contact_date", "landing_page_id", "origin"],
        columns: LEADS,
        notes: &["Some leads have no origin, others the origin \"unknown\"; the two are kept apart."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "olist-deals",
        platform: "olist",
        export: "closed deals",
        kind: Kind::Deals,
        evidence: Evidence::RealFile,
        signature: &["mql_id", "seller_id", "won_date"],
        columns: DEALS,
        notes: &[
            "\"declared_monthly_revenue\" is what the seller says of its own business, and no revenue from the deal.",
            "A deal may be won before the first contact that is on record.",
        ],
        ..Profile::DEFAULT
    },
];

const LEADS: &[Column] = &[
    col(&["mql_id"], Role::LeadId),
    col(&["first_contact_date"], Role::StageDate(Stage::Lead)),
    dimension(&["origin"], "source"),
    dimension(&["landing_page_id"], "page"),
];

const DEALS: &[Column] = &[
    col(&["mql_id"], Role::LeadId),
    col(&["won_date"], Role::StageDate(Stage::Won)),
    col(&["seller_id"], Role::CustomerId),
    dimension(&["sr_id"], "owner"),
    dimension(&["business_segment"], "segment"),
    dimension(&["lead_type"], "lead type"),
    dimension(&["lead_behaviour_profile"], "behaviour profile"),
    dimension(&["business_type"], "business type"),
    col(&["sdr_id"], Role::Id),
    col(&["has_company"], Role::Ignored),
    col(&["has_gtin"], Role::Ignored),
    col(&["average_stock"], Role::Ignored),
    col(&["declared_product_catalog_size"], Role::Ignored),
    col(&["declared_monthly_revenue"], Role::Ignored),
];
