//! `HubSpot`: marketing e-mails (in English and Spanish), contacts and deals.

use super::{Column, Evidence, Profile, Role, col, dimension, measure};
use crate::kpi::Measure::{
    Bounces, Clicks, Complaints, Delivered, HardBounces, Opens, Replies, Revenue, Sent, SoftBounces, TotalClicks, TotalOpens,
    Unsubscribes,
};
use crate::measures::{Kind, Stage};

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "hubspot-emails",
        platform: "hubspot",
        export: "marketing e-mail performance",
        kind: Kind::Campaigns,
        evidence: Evidence::SecondHand,
        signature: &["Email name", "Sent", "Delivered", "Opened", "Clicked", "Bounced"],
        columns: EMAILS,
        constants: &[("channel", "email")],
        notes: &[
            "Headers are in the language of the account; Spanish ones come from a real file, the others are unconfirmed.",
            "Rates are in percent without a sign (15.162), and lose their point on the way through some spreadsheets (15162).",
            "Open and click rates are on delivered, bounce rates on sent; \"click-through rate\" is clicks by opens.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "hubspot-contacts",
        platform: "hubspot",
        export: "contacts",
        kind: Kind::Leads,
        evidence: Evidence::SecondHand,
        signature: &["Record ID", "Email", "Lifecycle Stage"],
        columns: CONTACTS,
        stages: LIFECYCLE_STAGES,
        notes: &[
            "The user chooses the columns; only \"Record ID\" is always there.",
            "The lifecycle stage is the one of today; add the \"Became a … date\" columns to know when each was reached.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "hubspot-deals",
        platform: "hubspot",
        export: "deals",
        kind: Kind::Deals,
        evidence: Evidence::SecondHand,
        signature: &["Record ID", "Deal Name", "Deal Stage"],
        columns: DEALS,
        stages: DEAL_STAGES,
        notes: &[
            "The amount counts as revenue for deals that are won only.",
            "\"Close Date\" of an open deal is when it is expected to close.",
            "Stages are written as names or as ids (closedwon); stages of an account's own are open deals unless named in mak.toml.",
        ],
        ..Profile::DEFAULT
    },
];

const EMAILS: &[Column] = &[
    dimension(&["Email name", "Nombre del correo", "Nom de l'e-mail", "E-Mail-Name"], "message"),
    dimension(&["Campaign", "Campaña", "Campagne", "Kampagne"], "campaign"),
    dimension(&["Sender name", "From name", "Nombre del remitente"], "sender"),
    dimension(
        &["Subscription type", "Communication type classification", "Clasificación del tipo de comunicación"],
        "subscription type",
    ),
    col(
        &[
            "Send date (Your time zone)",
            "Send date",
            "Fecha de envío (tu zona horaria)",
            "Fecha de envío",
            "Date d'envoi (votre fuseau horaire)",
            "Date d'envoi",
            "Sendedatum (Ihre Zeitzone)",
            "Sendedatum",
        ],
        Role::Date,
    ),
    col(
        &["Marketing email ID", "Email ID", "ID del correo de marketing", "ID de l'e-mail marketing", "ID der Marketing-E-Mail"],
        Role::Id,
    ),
    measure(&["Sent", "Enviado", "Envoyé", "Envoyés", "Gesendet"], &[Sent]),
    measure(&["Delivered", "Entregado", "Délivré", "Délivrés", "Livré", "Livrés", "Zugestellt"], &[Delivered]),
    measure(&["Opened", "Abierto", "Ouvert", "Ouverts", "Geöffnet"], &[Opens]),
    measure(&["Total opens"], &[TotalOpens]),
    measure(&["Clicked", "Con clic", "Cliqué", "Cliqués", "Geklickt"], &[Clicks]),
    measure(&["Total clicks"], &[TotalClicks]),
    measure(&["Replied"], &[Replies]),
    measure(&["Bounced", "Rebotes", "Rebonds", "Rebond", "Unzustellbar"], &[Bounces]),
    measure(&["Hard bounces", "Hard bounced", "Rebote duro", "Rebond définitif", "Rebonds définitifs"], &[HardBounces]),
    measure(&["Soft bounces", "Soft bounced", "Rebote suave", "Rebond temporaire", "Rebonds temporaires"], &[SoftBounces]),
    measure(&["Spam reports", "Informes de spam", "Signalements comme spam", "Spam-Meldungen"], &[Complaints]),
    measure(&["Unsubscribed", "Suscripción cancelada", "Désabonné", "Désabonnés", "Abgemeldet"], &[Unsubscribes]),
    col(&["Open rate", "Tasa de apertura", "Taux d'ouverture", "Öffnungsrate"], Role::PrintedRate("open_rate")),
    col(&["Click rate", "Tasa de clics", "Taux de clics", "Klickrate"], Role::PrintedRate("ctr")),
    col(&["Click-through rate", "Click through rate"], Role::PrintedRate("click_to_open_rate")),
    col(&["Bounce rate", "Tasa de rebote"], Role::PrintedRate("bounce_rate")),
    col(&["Hard bounce rate", "Tasa de rebote duro"], Role::PrintedRate("hard_bounce_rate")),
    col(&["Soft bounce rate", "Tasa de rebote suave"], Role::PrintedRate("soft_bounce_rate")),
    col(&["Spam report rate", "Spam rate", "Tasa de spam"], Role::PrintedRate("complaint_rate")),
    col(&["Unsubscribe rate", "Unsubscribed rate"], Role::PrintedRate("unsubscribe_rate")),
    col(&["Subject", "Asunto", "Objet", "Betreff"], Role::Ignored),
    col(&["Sender address", "From address", "Dirección del remitente"], Role::Ignored),
    col(&["Preview link", "Enlace de vista previa"], Role::Ignored),
];

const CONTACTS: &[Column] = &[
    col(&["Record ID", "Record ID - Contact", "hs_object_id"], Role::LeadId),
    col(&["Lifecycle Stage", "lifecyclestage"], Role::StageName),
    col(&["Create Date", "createdate"], Role::StageDate(Stage::Lead)),
    col(&["Became a Marketing Qualified Lead Date"], Role::StageDate(Stage::Mql)),
    col(&["Became a Sales Qualified Lead Date"], Role::StageDate(Stage::Sql)),
    col(&["Became an Opportunity Date"], Role::StageDate(Stage::Opportunity)),
    col(&["Became a Customer Date"], Role::StageDate(Stage::Won)),
    col(&["HubSpot Score", "hubspotscore"], Role::Score),
    dimension(&["Original Source", "Original Traffic Source", "Original Source Type", "hs_analytics_source"], "source"),
    col(&["Latest Source", "Latest Traffic Source", "hs_latest_source"], Role::Ignored),
    dimension(&["Contact owner", "hubspot_owner_id"], "owner"),
    dimension(&["Lead Status", "hs_lead_status"], "status"),
    dimension(&["Country/Region", "Country", "IP Country"], "country"),
    // Moves with every contact, so it is no date of the lead.
    col(&["Last Activity Date"], Role::Ignored),
    col(&["Last Contacted"], Role::Ignored),
    col(&["Last Modified Date"], Role::Ignored),
    col(&["Became a Lead Date"], Role::Ignored),
    col(&["Became a Subscriber Date"], Role::Ignored),
    col(&["First Name", "firstname"], Role::Ignored),
    col(&["Last Name", "lastname"], Role::Ignored),
    col(&["Email"], Role::Ignored),
    col(&["Phone Number", "phone"], Role::Ignored),
    col(&["Mobile Phone Number"], Role::Ignored),
    col(&["Job Title", "jobtitle"], Role::Ignored),
    col(&["Company Name", "company"], Role::Ignored),
    col(&["Website URL", "website"], Role::Ignored),
];

/// A subscriber is a contact that is no more than known; an evangelist is a customer who
/// recommends.
const LIFECYCLE_STAGES: &[(&str, Stage)] = &[
    ("subscriber", Stage::Lead),
    ("lead", Stage::Lead),
    ("other", Stage::Lead),
    ("marketing qualified lead", Stage::Mql),
    ("marketingqualifiedlead", Stage::Mql),
    ("sales qualified lead", Stage::Sql),
    ("salesqualifiedlead", Stage::Sql),
    ("opportunity", Stage::Opportunity),
    ("customer", Stage::Won),
    ("evangelist", Stage::Won),
];

const DEALS: &[Column] = &[
    col(&["Record ID", "Record ID - Deal", "hs_object_id"], Role::Id),
    col(&["Associated Contact IDs"], Role::LeadId),
    col(&["Deal Stage", "dealstage"], Role::StageName),
    col(&["Is Closed Won", "hs_is_closed_won"], Role::StageFlag(Stage::Won)),
    col(&["Is Closed Lost", "hs_is_closed_lost"], Role::StageFlag(Stage::Lost)),
    col(&["Create Date", "createdate"], Role::StageDate(Stage::Opportunity)),
    col(&["Close Date", "closedate"], Role::CloseDate),
    measure(&["Amount"], &[Revenue]),
    col(&["Currency", "deal_currency_code"], Role::Currency),
    dimension(&["Deal Name", "dealname"], "deal"),
    dimension(&["Deal owner", "hubspot_owner_id"], "owner"),
    dimension(&["Pipeline"], "pipeline"),
    dimension(&["Deal Type", "dealtype"], "type"),
    dimension(&["Original Source", "Original Traffic Source", "Original Source Type", "hs_analytics_source"], "source"),
    dimension(&["Closed Lost Reason"], "lost reason"),
    col(&["Associated Company"], Role::Ignored),
    col(&["Associated Company IDs"], Role::Ignored),
    col(&["Associated Contact"], Role::Ignored),
    // The same money again in another currency, or weighted by how likely it is.
    col(&["Amount in company currency"], Role::Ignored),
    col(&["Weighted amount"], Role::Ignored),
    col(&["Forecast amount"], Role::Ignored),
    col(&["Deal probability"], Role::Ignored),
    col(&["Last Activity Date"], Role::Ignored),
    col(&["Last Modified Date"], Role::Ignored),
];

const DEAL_STAGES: &[(&str, Stage)] = &[
    ("appointment scheduled", Stage::Opportunity),
    ("appointmentscheduled", Stage::Opportunity),
    ("qualified to buy", Stage::Opportunity),
    ("qualifiedtobuy", Stage::Opportunity),
    ("presentation scheduled", Stage::Opportunity),
    ("presentationscheduled", Stage::Opportunity),
    ("decision maker bought-in", Stage::Opportunity),
    ("decisionmakerboughtin", Stage::Opportunity),
    ("contract sent", Stage::Opportunity),
    ("contractsent", Stage::Opportunity),
    ("closed won", Stage::Won),
    ("closedwon", Stage::Won),
    ("closed won (sales pipeline)", Stage::Won),
    ("closed lost", Stage::Lost),
    ("closedlost", Stage::Lost),
    ("closed lost (sales pipeline)", Stage::Lost),
];
