//! Universal Analytics: the tables under a report's chart, in the account's language.
//!
//! English and Dutch headers were seen; German, French and Spanish ones are from memory.

use super::{Column, Evidence, Profile, Role, Shape, col, dimension, measure};
use crate::kpi::Measure::{BouncedSessions, ConversionValue, Conversions, Orders, PageViews, Revenue, Sessions, Visitors};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "universal-analytics",
    platform: "universal-analytics",
    export: "report table",
    kind: Kind::Web,
    evidence: Evidence::Fixture,
    signature: &["Sessions", "Bounce Rate", "Pages / Session"],
    columns: REPORT,
    shape: Shape::TableUntil {
        first_cell: &[
            "Day Index",
            "Hour Index",
            "Week Index",
            "Month Index",
            "Dagindex",
            "Tagesindex",
            "Index des jours",
            "Índice de días",
        ],
    },
    notes: &[
        "Five lines that begin with # stand before the header: view, report, dates.",
        "A row with an empty first cell sums the table up; after a blank line the same sessions come again by day.",
        "Goal Conversion Rate is goals by sessions, while our conversion rate is by visitors.",
        "Without a Users column visitors are unknown: New Users are only some of them.",
    ],
    ..Profile::DEFAULT
}];

const REPORT: &[Column] = &[
    dimension(&["Landing Page", "Bestemmingspagina", "Zielseite", "Page de destination", "Página de destino"], "page"),
    dimension(&["Default Channel Grouping", "Channel Grouping", "Standaardkanaalgroep"], "channel"),
    dimension(&["Source / Medium", "Bron/medium", "Quelle/Medium", "Source/Support", "Fuente/Medio"], "source_medium"),
    dimension(&["Source", "Bron", "Quelle", "Fuente"], "source"),
    dimension(&["Medium", "Support", "Medio"], "medium"),
    dimension(&["Campaign", "Campagne", "Kampagne", "Campaña"], "campaign"),
    dimension(&["Device Category", "Apparaatcategorie", "Gerätekategorie", "Catégorie d'appareil"], "device"),
    dimension(&["Country", "Land", "Pays", "País"], "country"),
    dimension(&["Browser", "Navigateur", "Navegador"], "browser"),
    dimension(&["Browser Version", "Browserversie", "Browserversion"], "browser_version"),
    col(&["Date", "Datum"], Role::Date),
    measure(&["Sessions", "Sessies", "Sitzungen", "Sesiones"], &[Sessions]),
    measure(&["Users", "Gebruikers", "Nutzer", "Utilisateurs", "Usuarios"], &[Visitors]),
    measure(&["Bounces"], &[BouncedSessions]),
    measure(&["Pageviews", "Paginaweergaven", "Seitenaufrufe", "Pages vues", "Número de visitas a páginas"], &[PageViews]),
    measure(
        &["Goal Completions", "Behaalde doelen", "Abschlüsse für Ziel", "Objectifs réalisés", "Consecuciones de objetivos"],
        &[Conversions],
    ),
    measure(&["Goal Value", "Doelwaarde", "Zielwert", "Valeur de l'objectif", "Valor del objetivo"], &[ConversionValue]),
    measure(&["Transactions", "Transacties", "Transaktionen", "Transacciones"], &[Orders]),
    measure(&["Revenue", "Opbrengst", "Umsatz", "Revenus", "Ingresos"], &[Revenue]),
    col(
        &["Bounce Rate", "Bouncepercentage", "Absprungrate", "Taux de rebond", "Porcentaje de rebote"],
        Role::PrintedRate("web_bounce_rate"),
    ),
    col(
        &["Pages / Session", "Pages/Session", "Pagina's/sessie", "Pagina’s/sessie", "Seiten/Sitzung", "Páginas/sesión"],
        Role::Ignored,
    ),
    col(
        &[
            "% New Sessions",
            "% nieuwe sessies",
            "% neue Sitzungen",
            "% nouvelles sessions",
            "% de nuevas sesiones",
            "New Users",
            "Nieuwe gebruikers",
            "Neue Nutzer",
            "Nouveaux utilisateurs",
            "Usuarios nuevos",
            "Avg. Session Duration",
            "Gem. sessieduur",
            "Durchschnittl. Sitzungsdauer",
            "Durée moyenne des sessions",
            "Duración media de la sesión",
            "Goal Conversion Rate",
            "Doelconversieratio",
            "Ziel-Conversion-Rate",
            "Taux de conversion par objectif",
            "Tasa de conversión al objetivo",
            "Ecommerce Conversion Rate",
            "E-commerce Conversion Rate",
            "Avg. Order Value",
            "Per Session Value",
        ],
        Role::Ignored,
    ),
];
