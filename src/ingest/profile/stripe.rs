//! Stripe: payments, customers, invoices and subscriptions as the dashboard exports them.
//!
//! A payment may be charged in one currency and settled in another. Where the settled amounts are
//! in the file they are the ones used, with their currency, so that amounts of different
//! currencies are never added.

use super::{Column, Evidence, Profile, Role, Rule, When, col, dimension, measure};
use crate::kpi::Measure::{AnnualRecurringRevenue, GrossRevenue, Orders, Refunds, Revenue};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "stripe-payments",
        platform: "stripe",
        export: "payments",
        kind: Kind::Orders,
        evidence: Evidence::RealFile,
        signature: &["id", "Converted Amount", "Converted Amount Refunded", "Converted Currency", "Status"],
        columns: SETTLED_PAYMENTS,
        rules: PAYMENT_RULES,
        notes: &[
            "Amounts are the converted ones, in the currency that the account settles in; Amount is in the customer's.",
            "Failed, pending and uncaptured rows carry an amount that was never received.",
            "A disputed payment counts until it is refunded: a dispute may be won.",
            "Invoices and customers hold the same money again.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "stripe-payments-as-charged",
        platform: "stripe",
        export: "payments, without the converted amounts",
        kind: Kind::Orders,
        evidence: Evidence::RealFile,
        signature: &["id", "Amount", "Amount Refunded", "Status"],
        columns: CHARGED_PAYMENTS,
        rules: PAYMENT_RULES,
        notes: &["Amounts are in each customer's currency; export the converted columns to add several currencies."],
        ..Profile::DEFAULT
    },
    Profile {
        id: "stripe-customers",
        platform: "stripe",
        export: "customers",
        kind: Kind::Customers,
        evidence: Evidence::RealFile,
        signature: &["id", "Total Spend", "Payment Count", "Refunded Volume"],
        columns: CUSTOMERS,
        rules: &[Rule {
            column: "Total Spend",
            when: When::Is(&["0.00", "0"]),
            why: "has paid nothing, or got it all back",
            word: "unpaid",
        }],
        notes: &[
            "Total Spend is net of refunds and says nothing of when; the payments export has the same money by date.",
            "Guests have no id and may stand beside an account of the same e-mail address.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "stripe-invoices",
        platform: "stripe",
        export: "invoices",
        kind: Kind::Orders,
        evidence: Evidence::RealFile,
        signature: &["id", "Amount Due", "Amount Paid", "Status"],
        columns: INVOICES,
        rules: &[
            Rule { column: "Status", when: When::Is(&["draft"]), why: "a draft, not sent yet", word: "draft" },
            Rule { column: "Status", when: When::Is(&["void", "voided", "deleted"]), why: "voided", word: "voided" },
            Rule {
                column: "Status",
                when: When::Is(&["open", "past_due", "past due"]),
                why: "not paid in full yet",
                word: "open",
            },
            Rule { column: "Status", when: When::Is(&["uncollectible"]), why: "written off", word: "uncollectible" },
        ],
        notes: &[
            "The same money as the payments export, tax included, before refunds: give one of the two.",
            "Draft rows have no Number.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "stripe-subscriptions",
        platform: "stripe",
        export: "subscriptions",
        kind: Kind::Customers,
        evidence: Evidence::Memory,
        signature: &["id", "Plan", "Interval", "Current Period Start (UTC)"],
        columns: SUBSCRIPTIONS,
        rules: &[
            Rule {
                column: "Status",
                when: When::Is(&["canceled", "cancelled", "incomplete_expired", "ended"]),
                why: "the subscription has ended",
                word: "ended",
            },
            Rule {
                column: "Status",
                when: When::Is(&["trialing", "incomplete", "paused", "unpaid"]),
                why: "nothing is paid for it",
                word: "unpaid",
            },
        ],
        notes: &[
            "Amount is the price of the plan each interval, not money received: revenue is in the payments export.",
            "Recurring revenue a year is Amount × Quantity × intervals a year (12 months, 52 weeks, 365 days); mrr is a twelfth. \
             Discounts and metered use are not in the export.",
        ],
        ..Profile::DEFAULT
    },
];

const UNDER_WAY: &[&str] =
    &["pending", "processing", "requires action", "requires payment method", "requires confirmation", "incomplete"];
const NOT_TAKEN: &[&str] = &["failed", "blocked", "canceled", "cancelled", "expired"];
const NOT_CAPTURED: &[&str] = &["uncaptured", "requires capture"];
/// Money received, then all of the above.
const KNOWN: &[&str] = &[
    "paid",
    "succeeded",
    "refunded",
    "partially refunded",
    "partial refund",
    "disputed",
    "dispute won",
    "dispute lost",
    "early fraud warning",
    "pending",
    "processing",
    "requires action",
    "requires payment method",
    "requires confirmation",
    "incomplete",
    "failed",
    "blocked",
    "canceled",
    "cancelled",
    "expired",
    "uncaptured",
    "requires capture",
];

const PAYMENT_RULES: &[Rule] = &[
    Rule { column: "Status", when: When::Is(NOT_TAKEN), why: "the payment failed", word: "failed" },
    Rule { column: "Status", when: When::Is(UNDER_WAY), why: "not paid yet", word: "pending" },
    Rule { column: "Status", when: When::Is(NOT_CAPTURED), why: "authorised but not captured", word: "uncaptured" },
    Rule { column: "Captured", when: When::Is(&["false"]), why: "authorised but not captured", word: "uncaptured" },
    Rule { column: "Status", when: When::IsNot(KNOWN), why: "a status that this profile does not know", word: "other-status" },
    Rule { column: "Mode", when: When::Is(&["test"]), why: "a test payment", word: "test" },
];

/// The columns that payments have in either form, after those of its own.
macro_rules! payment_columns {
    ($($own:expr),+ $(,)?) => {
        &[
            $($own,)+
            col(&["id"], Role::OrderId),
            col(&["Customer ID"], Role::CustomerId),
            col(&["Customer Email"], Role::CustomerId),
            col(&["Created date (UTC)", "Created (UTC)"], Role::Date),
            dimension(&["UTM Campaign", "utm_campaign (metadata)"], "campaign"),
            dimension(&["UTM Source", "utm_source (metadata)"], "source"),
            dimension(&["UTM Medium", "utm_medium (metadata)"], "medium"),
            dimension(&["Payment Source Type"], "payment_method"),
            dimension(&["Card Issue Country"], "country"),
            col(&["Status"], Role::Ignored),
            col(&["Captured"], Role::Ignored),
            col(&["Mode"], Role::Ignored),
            col(IDENTITIES_AND_TEXTS, Role::Ignored),
        ]
    };
}

const SETTLED_PAYMENTS: &[Column] = payment_columns![
    measure(&["Converted Amount"], &[GrossRevenue]),
    measure(&["Converted Amount Refunded"], &[Refunds]),
    col(&["Converted Currency"], Role::Currency),
    col(&["Amount", "Amount Refunded", "Currency"], Role::Ignored),
];

const CHARGED_PAYMENTS: &[Column] = payment_columns![
    measure(&["Amount"], &[GrossRevenue]),
    measure(&["Amount Refunded"], &[Refunds]),
    col(&["Currency"], Role::Currency),
    col(&["Converted Amount", "Converted Amount Refunded", "Converted Currency"], Role::Ignored),
];

const IDENTITIES_AND_TEXTS: &[&str] = &[
    "Description",
    "Seller Message",
    "Fee",
    "Taxes On Fee",
    "Application Fee",
    "Statement Descriptor",
    "Customer Description",
    "Customer Phone",
    "Card ID",
    "Card Name",
    "Card Last4",
    "Card Brand",
    "Card Funding",
    "Card Exp Month",
    "Card Exp Year",
    "Card Fingerprint",
    "Card Tokenization Method",
    "Card CVC Status",
    "Card AVS Zip Status",
    "Card AVS Line1 Status",
    "Card Address Line1",
    "Card Address Line2",
    "Card Address City",
    "Card Address State",
    "Card Address Country",
    "Card Address Zip",
    "Invoice ID",
    "Invoice Number",
    "Transfer",
    "Transfer Date (UTC)",
    "Transfer Group",
    "Destination",
    "Checkout Session ID",
    "Checkout Custom Field 1 Key",
    "Checkout Custom Field 1 Value",
    "Checkout Line Item Summary",
    "Checkout Promotional Consent",
    "Checkout Terms of Service Consent",
    "Client Reference ID",
    "Payment Link ID",
    "PaymentIntent ID",
    "Is Link",
    "Link Funding",
    "Refunded date (UTC)",
    "Disputed Amount",
    "Dispute Date (UTC)",
    "Dispute Evidence Due (UTC)",
    "Dispute Reason",
    "Dispute Status",
    "Decline Reason",
    "Shipping Name",
    "Shipping Address Line1",
    "Shipping Address Line2",
    "Shipping Address City",
    "Shipping Address State",
    "Shipping Address Country",
    "Shipping Address Postal Code",
    "UTM Content",
    "UTM Term",
];

const CUSTOMERS: &[Column] = &[
    col(&["id"], Role::CustomerId),
    col(&["Created date (UTC)", "Created (UTC)"], Role::Date),
    col(&["Currency"], Role::Currency),
    measure(&["Total Spend"], &[Revenue]),
    measure(&["Payment Count"], &[Orders]),
    dimension(&["Plan"], "plan"),
    dimension(&["Card Issue Country"], "country"),
    col(&["Refunded Volume"], Role::Ignored),
    col(
        &[
            "Description",
            "Email",
            "Name",
            "Status",
            "Delinquent",
            "Average Order",
            "Dispute Losses",
            "Account Balance",
            "Cancel At Period End",
            "Card ID",
            "Card Last4",
            "Card Brand",
            "Card Funding",
            "Card Exp Month",
            "Card Exp Year",
            "Card Name",
            "Card Address Line1",
            "Card Address Line2",
            "Card Address City",
            "Card Address State",
            "Card Address Country",
            "Card Address Zip",
            "Card Fingerprint",
            "Card CVC Status",
            "Card AVS Zip Status",
            "Card AVS Line1 Status",
            "Card Tokenization Method",
            "Business Vat ID",
            "Tax Location Recognized",
        ],
        Role::Ignored,
    ),
];

const INVOICES: &[Column] = &[
    col(&["id"], Role::OrderId),
    col(&["Customer", "Customer ID"], Role::CustomerId),
    col(&["Date (UTC)", "Created (UTC)"], Role::Date),
    col(&["Currency"], Role::Currency),
    measure(&["Amount Paid"], &[GrossRevenue]),
    col(&["Amount Due"], Role::Ignored),
    col(&["Status"], Role::Ignored),
    col(
        &[
            "Billing",
            "Closed",
            "Due Date (UTC)",
            "Number",
            "Paid",
            "Subscription",
            "Subtotal",
            "Total",
            "Total Discount Amount",
            "Applied Coupons",
            "Tax",
            "Tax Percent",
        ],
        Role::Ignored,
    ),
];

const SUBSCRIPTIONS: &[Column] = &[
    col(&["id"], Role::Id),
    col(&["Customer ID"], Role::CustomerId),
    col(&["Customer Email"], Role::CustomerId),
    col(&["Created (UTC)", "Created date (UTC)"], Role::Date),
    dimension(&["Plan"], "plan"),
    dimension(&["Interval"], "interval"),
    col(&["Amount"], Role::PlanPrice { measures: &[AnnualRecurringRevenue], interval: "Interval", quantity: "Quantity" }),
    col(&["Currency"], Role::Currency),
    col(&["Status"], Role::Ignored),
    col(&["Current Period Start (UTC)"], Role::Ignored),
    col(
        &[
            "Customer Description",
            "Quantity",
            "Start (UTC)",
            "Start Date (UTC)",
            "Current Period End (UTC)",
            "Trial Start (UTC)",
            "Trial End (UTC)",
            "Canceled At (UTC)",
            "Cancel At Period End",
            "Ended At (UTC)",
        ],
        Role::Ignored,
    ),
];
