//! What the rows of a source are.

/// What one row of a file stands for. It decides how measures are derived from rows, and which
/// source is believed when two kinds of file give the same measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A message campaign, flow or mailing, summed by someone already.
    Campaigns,
    /// An ad campaign, ad set or ad, for a day or a period.
    Ads,
    /// Web analytics by channel, page, country or day.
    Web,
    /// Posts and pages of a social network.
    Social,
    /// One lead or contact, with the dates of its stages.
    Leads,
    /// One deal, which may name the lead that it came from.
    Deals,
    /// One order or payment, or a line of one.
    Orders,
    /// One customer with totals so far.
    Customers,
    /// One answer to a survey.
    Answers,
    /// One touch of one person.
    Touches,
    /// One path of touches, with how often it occurred.
    Paths,
    /// A plain table of measures under dimensions.
    Measures,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[
        Kind::Campaigns,
        Kind::Ads,
        Kind::Web,
        Kind::Social,
        Kind::Leads,
        Kind::Deals,
        Kind::Orders,
        Kind::Customers,
        Kind::Answers,
        Kind::Touches,
        Kind::Paths,
        Kind::Measures,
    ];

    /// The word for it on the command line (`--as orders:FILE`) and in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Campaigns => "campaigns",
            Kind::Ads => "ads",
            Kind::Web => "web",
            Kind::Social => "social",
            Kind::Leads => "leads",
            Kind::Deals => "deals",
            Kind::Orders => "orders",
            Kind::Customers => "customers",
            Kind::Answers => "answers",
            Kind::Touches => "touches",
            Kind::Paths => "paths",
            Kind::Measures => "measures",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}
