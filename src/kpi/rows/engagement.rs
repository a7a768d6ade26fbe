//! Response and engagement: what people did with what they were sent or shown.

use crate::kpi::Measure::{Delivered, Opens};
use crate::kpi::expr::formula;
use crate::kpi::{Better, Example, Kpi, Population, Status, Unit};

pub(super) static KPIS: &[Kpi] = &[Kpi {
    id: "open_rate",
    name: "Open rate",
    aliases: &["unique_open_rate"],
    summary: "Share of the messages that at least one person opened.",
    formula: formula!(Opens / Recipients),
    unit: Unit::Share,
    better: Better::Higher,
    population: Population::SameSource,
    example: Example {
        given: &[(Opens, "3920"), (Delivered, "9800")],
        gives: "0.4",
        from: "shared definitions table: 10,000 sent, 200 bounced, 3,920 unique opens",
    },
    pitfalls: "Mail-privacy prefetches open messages that nobody read; see open_rate_excluding_machine.",
    source: "Mailchimp, \"About custom report metrics\": unique opens by successful deliveries.",
    status: Status::Stable { since: "0.1.0" },
}];
