//! Shopify: the orders export, a row a line item.

use super::{Column, Evidence, Profile, Role, RowIs, Rule, When, col, dimension, measure};
use crate::kpi::Measure::{GrossRevenue, Refunds};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[Profile {
    id: "shopify-orders",
    platform: "shopify",
    export: "orders",
    kind: Kind::Orders,
    evidence: Evidence::RealFile,
    signature: &["Name", "Subtotal", "Total", "Created at"],
    columns: ORDERS,
    row: RowIs::LineBlankAfterFirst,
    // One word for both: what is voided is cancelled as well, and takes one flag to count.
    rules: &[
        Rule { column: "Financial Status", when: When::Is(&["voided"]), why: "voided before it was paid", word: "voided" },
        Rule { column: "Cancelled at", when: When::Present, why: "cancelled", word: "voided" },
        Rule { column: "Financial Status", when: When::Is(&["expired"]), why: "the authorisation expired", word: "expired" },
    ],
    notes: &[
        "A row is a line item where the file has line items: amounts, customer and status stand on the first line of an order only.",
        "Pending orders count: in a shop that is paid on delivery they stay pending.",
        "Total includes taxes and shipping; refunds are Refunded Amount.",
        "A file cut down to a few columns may lack Financial Status: what was voided is then counted.",
        "Products are not a dimension, since the amounts are the whole order's.",
        "The customer is the e-mail address or, where it is blank, the telephone number.",
    ],
    ..Profile::DEFAULT
}];

const ORDERS: &[Column] = &[
    col(&["Name"], Role::OrderId),
    col(&["Email"], Role::CustomerId),
    col(&["Phone"], Role::CustomerId),
    col(&["Billing Phone"], Role::CustomerId),
    col(&["Shipping Phone"], Role::CustomerId),
    col(&["Created at"], Role::Date),
    col(&["Currency"], Role::Currency),
    measure(&["Total"], &[GrossRevenue]),
    measure(&["Refunded Amount"], &[Refunds]),
    dimension(&["Source"], "sales_channel"),
    dimension(&["Shipping Country", "Billing Country"], "country"),
    dimension(&["Payment Method"], "payment_method"),
    dimension(&["Discount Code"], "discount_code"),
    dimension(&["Risk Level"], "risk_level"),
    col(&["Id"], Role::Id),
    col(&["Financial Status"], Role::Ignored),
    col(&["Cancelled at"], Role::Ignored),
    col(&["Subtotal"], Role::Ignored),
    col(ORDER_DETAILS, Role::Ignored),
    col(LINE_DETAILS, Role::Ignored),
    col(ADDRESSES, Role::Ignored),
];

const ORDER_DETAILS: &[&str] = &[
    "Fulfillment Status",
    "Paid at",
    "Fulfilled at",
    "Accepts Marketing",
    "Shipping",
    "Taxes",
    "Discount Amount",
    "Shipping Method",
    "Notes",
    "Note Attributes",
    "Payment Reference",
    "Payment References",
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Tags",
    "Receipt Number",
    "Duties",
    "Tax 1 Name",
    "Tax 1 Value",
    "Tax 2 Name",
    "Tax 2 Value",
    "Tax 3 Name",
    "Tax 3 Value",
    "Tax 4 Name",
    "Tax 4 Value",
    "Tax 5 Name",
    "Tax 5 Value",
];

const LINE_DETAILS: &[&str] = &[
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    "Lineitem discount",
    "Vendor",
];

const ADDRESSES: &[&str] = &[
    "Billing Name",
    "Billing Street",
    "Billing Address1",
    "Billing Address2",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Province",
    "Billing Province Name",
    "Shipping Name",
    "Shipping Street",
    "Shipping Address1",
    "Shipping Address2",
    "Shipping Company",
    "Shipping City",
    "Shipping Zip",
    "Shipping Province",
    "Shipping Province Name",
];
