//! Meta (Facebook and Instagram) Ads Manager: campaigns, ad sets and ads, by period or by day.
//!
//! The currency stands in the header of each money column. Headers come in the account's
//! language; English and French were seen in samples, the others in what other projects accept.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{AdClicks, ConversionValue, Conversions, Impressions, Leads, Reach, Spend};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "meta-ads",
        platform: "meta",
        export: "Ads Manager, a period a row",
        kind: Kind::Ads,
        evidence: Evidence::SecondHand,
        signature: &["Amount spent ({currency})"],
        columns: BY_PERIOD,
        constants: PAID_SOCIAL,
        notes: NOTES,
        ..Profile::DEFAULT
    },
    Profile {
        id: "meta-ads-daily",
        platform: "meta",
        export: "Ads Manager, a day a row",
        kind: Kind::Ads,
        evidence: Evidence::SecondHand,
        signature: &["Amount spent ({currency})", "Day"],
        columns: BY_DAY,
        constants: PAID_SOCIAL,
        notes: NOTES,
        ..Profile::DEFAULT
    },
];

const PAID_SOCIAL: &[(&str, &str)] = &[("channel", "paid social")];

const NOTES: &[&str] = &[
    "Ad clicks are Link clicks; Clicks (all) also counts likes, comments and profile visits, and is not used.",
    "Results are of whatever kind each campaign aims at: they are conversions only where Result indicator is the same on every row, and only in the absence of Purchases.",
    "Purchases includes purchases made on Meta, in the app and offline; its value is the conversion value.",
    "Reach counts people, who overlap between rows, and is never added.",
    "Rates are percent without a sign.",
];

/// The columns that the file by period and the file by day share, after those of its own.
macro_rules! columns_with {
    ($($own:expr),+ $(,)?) => {
        &[
            $($own,)+
            dimension(
                &[
                    "Campaign name",
                    "Nom de la campagne",
                    "Nombre de la campaña",
                    "Kampagnenname",
                    "Name der Kampagne",
                    "Nome della campagna",
                    "Nome da campanha",
                ],
                "campaign",
            ),
            dimension(
                &[
                    "Ad set name",
                    "Nom de l’ensemble de publicités",
                    "Nom de l'ensemble de publicités",
                    "Nombre del conjunto de anuncios",
                    "Name der Anzeigengruppe",
                    "Nome del gruppo di inserzioni",
                    "Nome do conjunto de anúncios",
                ],
                "ad_set",
            ),
            dimension(
                &[
                    "Ad name",
                    "Nom de la publicité",
                    "Nombre del anuncio",
                    "Anzeigenname",
                    "Nome dell'inserzione",
                    "Nome do anúncio",
                ],
                "ad",
            ),
            dimension(&["Account name", "Nom du compte", "Nombre de la cuenta", "Kontoname"], "account"),
            dimension(&["Objective"], "objective"),
            dimension(&["Age"], "age"),
            dimension(&["Gender"], "gender"),
            dimension(&["Country", "Pays", "País", "Land"], "country"),
            dimension(&["Region"], "region"),
            dimension(&["Impression device", "Device platform", "Device"], "device"),
            dimension(&["Platform"], "publisher_platform"),
            dimension(&["Placement"], "placement"),
            col(&["Campaign ID"], Role::Id),
            col(&["Ad set ID"], Role::Id),
            col(&["Ad ID"], Role::Id),
            col(&["Account ID"], Role::Id),
            col(&["Currency"], Role::Currency),
            measure(
                &[
                    "Amount spent ({currency})",
                    "Montant dépensé ({currency})",
                    "Importe gastado ({currency})",
                    "Ausgegebener Betrag ({currency})",
                    "Importo speso ({currency})",
                    "Valor usado ({currency})",
                    "Besteed bedrag ({currency})",
                ],
                &[Spend],
            ),
            measure(&["Impressions", "Impresiones", "Impressionen", "Impressões", "Weergaven"], &[Impressions]),
            measure(
                &[
                    "Link clicks",
                    "Clics sur un lien",
                    "Clics sur le lien",
                    "Clics en el enlace",
                    "Link-Klicks",
                    "Clic sul link",
                    "Cliques no link",
                ],
                &[AdClicks],
            ),
            measure(&["Reach", "Couverture", "Alcance", "Reichweite", "Copertura", "Bereik"], &[Reach]),
            col(
                &[
                    "Purchases",
                    "Website purchases",
                    "Achats",
                    "Compras",
                    "Compras en el sitio web",
                    "Käufe",
                    "Website-Käufe",
                    "Acquisti",
                    "Results",
                    "Résultats",
                    "Resultados",
                    "Ergebnisse",
                    "Risultati",
                ],
                Role::MeasuresOfOneKind {
                    measures: &[Conversions],
                    mixed: &["Results", "Résultats", "Resultados", "Ergebnisse", "Risultati"],
                    kind: &["Result indicator", "Result type", "Indicateur de résultat", "Indicador de resultado", "Ergebnis-Indikator", "Ergebnisindikator"],
                },
            ),
            measure(
                &[
                    "Purchases conversion value",
                    "Website purchases conversion value",
                    "Valeur de conversion des achats",
                    "Valor de conversión de compras",
                    "Conversion-Wert der Käufe",
                    "Conversion-Wert von Käufen",
                ],
                &[ConversionValue],
            ),
            measure(&["Leads"], &[Leads]),
            col(&["CTR (link click-through rate)"], Role::PrintedRate("ad_ctr")),
            col(&["CPC (cost per link click) ({currency})", "CPC (cost per link click)"], Role::PrintedRate("cpc")),
            col(
                &["CPM (cost per 1,000 impressions) ({currency})", "CPM (cost per 1,000 impressions)"],
                Role::PrintedRate("cpm"),
            ),
            col(&["Purchase ROAS (return on ad spend)", "Website purchase ROAS (return on advertising spend)"], Role::PrintedRate("roas")),
            col(&["Result indicator", "Result type", "Indicateur de résultat", "Indicador de resultado", "Ergebnis-Indikator", "Ergebnisindikator"], Role::Ignored),
            col(NOT_USED, Role::Ignored),
        ]
    };
}

const BY_PERIOD: &[Column] = columns_with![
    col(&["Reporting starts", "Début des rapports", "Inicio del informe", "Beginn des Berichts", "Berichtsstart"], Role::Date,),
    col(&["Reporting ends", "Fin des rapports", "Fin del informe", "Ende des Berichts", "Berichtsende"], Role::DateEnd),
];

// With a day a row, the reporting dates may be those of the whole report.
const BY_DAY: &[Column] = columns_with![
    col(&["Day", "Jour", "Día", "Tag", "Giorno", "Dia", "Dag"], Role::Date),
    col(
        &[
            "Reporting starts",
            "Début des rapports",
            "Inicio del informe",
            "Beginn des Berichts",
            "Berichtsstart",
            "Reporting ends",
            "Fin des rapports",
            "Fin del informe",
            "Ende des Berichts",
            "Berichtsende",
        ],
        Role::Ignored,
    ),
];

const NOT_USED: &[&str] = &[
    "Campaign delivery",
    "Ad set delivery",
    "Ad delivery",
    "Delivery status",
    "Delivery level",
    "Attribution setting",
    "Frequency",
    "Répétition",
    "Frecuencia",
    "Frequenz",
    "Cost per results",
    "Cost per result",
    "Cost per results ({currency})",
    "Cost per result ({currency})",
    "Coût par résultat ({currency})",
    "Cost per purchase ({currency})",
    "Cost per lead ({currency})",
    "Clicks (all)",
    "Clics (tous)",
    "Clics (todos)",
    "Klicks (alle)",
    "CTR (all)",
    "CPC (all) ({currency})",
    "CPC (all)",
    "Unique link clicks",
    "Unique CTR (link click-through rate)",
    "Outbound clicks",
    "Outbound CTR",
    "Landing page views",
    "Cost per landing page view ({currency})",
    "Adds to cart",
    "Adds to cart conversion value",
    "Checkouts initiated",
    "Post engagements",
    "Post engagement",
    "Page engagement",
    "Post reactions",
    "Post comments",
    "Post saves",
    "Post shares",
    "Follows or likes",
    "ThruPlays",
    "Video plays at 25%",
    "Video plays at 50%",
    "Video plays at 75%",
    "Video plays at 100%",
    "Video average play time",
    "Ad set budget",
    "Ad set budget type",
    "Campaign budget",
    "Campaign budget type",
    "Budget",
    "Budget type",
    "Bid",
    "Bid type",
    "Last significant edit",
    "Quality ranking",
    "Engagement rate ranking",
    "Conversion rate ranking",
    "Starts",
    "Ends",
];
