//! `WooCommerce`: orders from the export plugin, and from `WooCommerce`'s own analytics.

use super::{Column, Evidence, Profile, Role, RowIs, Rule, When, col, dimension, measure};
use crate::kpi::Measure::{GrossRevenue, Refunds, Revenue};
use crate::measures::Kind;

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        id: "woocommerce-orders",
        platform: "woocommerce",
        export: "orders, from the Advanced Order Export plugin",
        kind: Kind::Orders,
        evidence: Evidence::SecondHand,
        signature: &["Order Number", "Order Status", "Order Total Amount"],
        columns: PLUGIN,
        row: RowIs::LineBlankAfterFirst,
        rules: &status_rules("Order Status"),
        notes: &[
            "Completed and processing orders count: processing is paid and not shipped yet.",
            "Refunded orders are left out whole, since the refunded amount is not always exported; other refunds are Order Refund Amount.",
            "Order Total Amount includes tax and shipping.",
        ],
        ..Profile::DEFAULT
    },
    Profile {
        id: "woocommerce-analytics-orders",
        platform: "woocommerce",
        export: "orders, from Analytics",
        kind: Kind::Orders,
        evidence: Evidence::Documentation,
        signature: &["Order #", "N. Revenue (formatted)", "Customer type"],
        columns: ANALYTICS,
        rules: &status_rules("Status"),
        notes: &[
            "Net sales are without tax, shipping and refunds.",
            "Customers have a name only, which is no identity, so that repeat purchases are unknown.",
        ],
        ..Profile::DEFAULT
    },
];

/// Which orders are not sales, by `WooCommerce`'s statuses.
const fn status_rules(column: &'static str) -> [Rule; 6] {
    [
        Rule { column, when: When::Is(&["refunded", "wc-refunded"]), why: "refunded in full", word: "refunded" },
        Rule { column, when: When::Is(&["cancelled", "wc-cancelled", "canceled"]), why: "cancelled", word: "cancelled" },
        Rule { column, when: When::Is(&["failed", "wc-failed"]), why: "the payment failed", word: "failed" },
        Rule { column, when: When::Is(&["on-hold", "on hold", "wc-on-hold"]), why: "payment not confirmed yet", word: "on-hold" },
        Rule { column, when: When::Is(&["pending", "pending payment", "wc-pending"]), why: "not paid yet", word: "pending" },
        Rule { column, when: When::Is(&["checkout-draft", "draft", "trash", "auto-draft"]), why: "never placed", word: "draft" },
    ]
}

const PLUGIN: &[Column] = &[
    col(&["Order Number"], Role::OrderId),
    col(&["Email (Billing)"], Role::CustomerId),
    col(&["Order Date"], Role::Date),
    col(&["Order Currency", "Currency"], Role::Currency),
    measure(&["Order Total Amount"], &[GrossRevenue]),
    measure(&["Order Refund Amount"], &[Refunds]),
    dimension(&["Country Code (Shipping)", "Country Code (Billing)"], "country"),
    dimension(&["State Code (Shipping)", "State Code (Billing)"], "state"),
    dimension(&["Payment Method Title"], "payment_method"),
    dimension(&["Coupon Code"], "discount_code"),
    col(&["Order Status"], Role::Ignored),
    col(
        &[
            "Customer User ID",
            "Customer Note",
            "First Name (Billing)",
            "Last Name (Billing)",
            "Company (Billing)",
            "Address 1&2 (Billing)",
            "City (Billing)",
            "Postcode (Billing)",
            "Phone (Billing)",
            "First Name (Shipping)",
            "Last Name (Shipping)",
            "Address 1&2 (Shipping)",
            "City (Shipping)",
            "Postcode (Shipping)",
            "Cart Discount Amount",
            "Order Subtotal Amount",
            "Shipping Method Title",
            "Order Shipping Amount",
            "Order Total Tax Amount",
            "SKU",
            "Item #",
            "Item Name",
            "Quantity (- Refund)",
            "Quantity",
            "Item Cost",
            "Discount Amount",
            "Discount Amount Tax",
        ],
        Role::Ignored,
    ),
];

const ANALYTICS: &[Column] = &[
    col(&["Order #"], Role::OrderId),
    col(&["Date"], Role::Date),
    measure(&["Net Sales", "N. Revenue", "N. Revenue (formatted)"], &[Revenue]),
    dimension(&["Customer type"], "customer_type"),
    dimension(&["Attribution"], "attribution"),
    dimension(&["Coupon(s)"], "discount_code"),
    col(&["Status"], Role::Ignored),
    col(&["Customer", "Product(s)", "Items sold"], Role::Ignored),
];
