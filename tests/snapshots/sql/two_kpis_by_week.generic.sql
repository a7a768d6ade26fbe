WITH
  grains AS (
    SELECT
      'total' AS grain
    UNION ALL
    SELECT
      'group' AS grain
  ),
  campaigns_rows AS (
    SELECT
      COALESCE(TO_CHAR((CAST(t."date" AS DATE)), 'IYYY"-W"IW'), '') AS key_1,
      CAST(t."date" AS DATE) AS row_first,
      1 AS selected,
      CAST(t."sent" AS DECIMAL(38, 18)) AS m_sent,
      CAST(t."opens" AS DECIMAL(38, 18)) AS m_opens,
      CAST(t."spend" AS DECIMAL(38, 18)) AS m_spend
    FROM "mail"."sends" AS t
  ),
  campaigns_facts AS (
    SELECT
      COUNT(*) AS all_rows,
      MIN(row_first) AS all_first,
      MAX(row_first) AS all_last,
      SUM(CASE WHEN m_sent <> FLOOR(m_sent) OR m_opens <> FLOOR(m_opens) THEN 1 ELSE 0 END) AS all_fractions
    FROM campaigns_rows
  ),
  campaigns_grained AS (
    SELECT
      g.grain AS grain,
      CASE WHEN g.grain = 'total' THEN '' ELSE r.key_1 END AS key_1,
      r.m_sent AS m_sent,
      r.m_opens AS m_opens,
      r.m_spend AS m_spend
    FROM campaigns_rows AS r
    CROSS JOIN grains AS g
    WHERE r.selected = 1
  ),
  campaigns_sums AS (
    SELECT
      grain,
      key_1,
      COUNT(*) AS selected_rows,
      COUNT(m_sent) AS filled_sent,
      SUM(m_sent) AS sum_sent,
      COUNT(m_opens) AS filled_opens,
      SUM(m_opens) AS sum_opens,
      COUNT(m_spend) AS filled_spend,
      SUM(m_spend) AS sum_spend
    FROM campaigns_grained
    GROUP BY grain, key_1
  ),
  social_rows AS (
    SELECT
      COALESCE(TO_CHAR((CAST(t."date" AS DATE)), 'IYYY"-W"IW'), '') AS key_1,
      CAST(t."date" AS DATE) AS row_first,
      1 AS selected
    FROM "posts" AS t
  ),
  social_facts AS (
    SELECT
      COUNT(*) AS all_rows,
      MIN(row_first) AS all_first,
      MAX(row_first) AS all_last
    FROM social_rows
  ),
  social_grained AS (
    SELECT
      g.grain AS grain,
      CASE WHEN g.grain = 'total' THEN '' ELSE r.key_1 END AS key_1
    FROM social_rows AS r
    CROSS JOIN grains AS g
    WHERE r.selected = 1
  ),
  social_sums AS (
    SELECT
      grain,
      key_1,
      COUNT(*) AS selected_rows
    FROM social_grained
    GROUP BY grain, key_1
  ),
  leads_rows AS (
    SELECT
      COALESCE(TO_CHAR((CAST(t."created_at" AS DATE)), 'IYYY"-W"IW'), '') AS key_1,
      CAST(t."created_at" AS DATE) AS row_first,
      1 AS selected,
      NULLIF(TRIM(CAST(t."id" AS VARCHAR)), '') AS lead_id,
      CAST(FLOOR(EXTRACT(EPOCH FROM CAST(t."created_at" AS TIMESTAMP))) AS BIGINT) AS lead_at,
      CAST(FLOOR(EXTRACT(EPOCH FROM CAST(t."mql_at" AS TIMESTAMP))) AS BIGINT) AS mql_at,
      CAST(FLOOR(EXTRACT(EPOCH FROM CAST(t."won_at" AS TIMESTAMP))) AS BIGINT) AS won_at,
      CAST(FLOOR(EXTRACT(EPOCH FROM CAST(t."answered_at" AS TIMESTAMP))) AS BIGINT) AS first_response_at
    FROM "crm"."leads" AS t
  ),
  leads_facts AS (
    SELECT
      COUNT(*) AS all_rows,
      MIN(row_first) AS all_first,
      MAX(row_first) AS all_last
    FROM leads_rows
  ),
  leads_each AS (
    SELECT
      lead_id,
      MIN(key_1) AS key_1,
      MIN(selected) AS selected,
      MIN(lead_at) AS lead_at,
      MIN(mql_at) AS mql_at,
      MIN(won_at) AS won_at,
      MIN(first_response_at) AS first_response_at,
      CASE WHEN MIN(key_1) <> MAX(key_1) OR MIN(selected) <> MAX(selected) THEN 1 ELSE 0 END AS contradicts,
      COUNT(*) - 1 AS repeated
    FROM leads_rows
    WHERE lead_id IS NOT NULL
    GROUP BY lead_id
    UNION ALL
    SELECT
      lead_id,
      key_1,
      selected,
      lead_at,
      mql_at,
      won_at,
      first_response_at,
      0 AS contradicts,
      0 AS repeated
    FROM leads_rows
    WHERE lead_id IS NULL
  ),
  leads_conflicts AS (
    SELECT
      COALESCE(SUM(contradicts), 0) AS contradicting,
      COALESCE(SUM(repeated), 0) AS repeated_rows
    FROM leads_each
  ),
  leads_cohort AS (
    SELECT
      g.grain AS grain,
      CASE WHEN g.grain = 'total' THEN '' ELSE r.key_1 END AS key_1,
      r.first_response_at AS first_response_at,
      r.lead_at AS lead_at,
      r.mql_at AS mql_at,
      r.won_at AS won_at,
      r.won_at - r.lead_at AS span_sales_cycle_days,
      r.won_at - r.lead_at AS span_conversion_days,
      r.first_response_at - r.lead_at AS span_response_seconds
    FROM leads_each AS r
    CROSS JOIN grains AS g
    WHERE r.selected = 1
  ),
  leads_stages AS (
    SELECT
      grain,
      key_1,
      COUNT(*) AS leads,
      SUM(CASE WHEN mql_at IS NOT NULL OR won_at IS NOT NULL THEN 1 ELSE 0 END) AS mqls,
      SUM(CASE WHEN won_at IS NOT NULL THEN 1 ELSE 0 END) AS won,
      SUM(CASE WHEN span_response_seconds <= 3600 THEN 1 ELSE 0 END) AS in_time
    FROM leads_cohort
    GROUP BY grain, key_1
  ),
  leads_grained AS (
    SELECT
      g.grain AS grain,
      CASE WHEN g.grain = 'total' THEN '' ELSE r.key_1 END AS key_1
    FROM leads_rows AS r
    CROSS JOIN grains AS g
    WHERE r.selected = 1
  ),
  leads_sums AS (
    SELECT
      grain,
      key_1,
      COUNT(*) AS selected_rows
    FROM leads_grained
    GROUP BY grain, key_1
  ),
  orders_rows AS (
    SELECT
      COALESCE(TO_CHAR((CAST(t."ordered_at" AS DATE)), 'IYYY"-W"IW'), '') AS key_1,
      CAST(t."ordered_at" AS DATE) AS row_first,
      1 AS selected,
      NULLIF(TRIM(CAST(t."id" AS VARCHAR)), '') AS order_id,
      NULLIF(TRIM(CAST(t."customer" AS VARCHAR)), '') AS customer_id,
      CAST(t."total" AS DECIMAL(38, 18)) AS paid,
      CAST(t."refund" AS DECIMAL(38, 18)) AS given_back
    FROM "shop"."orders" AS t
  ),
  orders_facts AS (
    SELECT
      COUNT(*) AS all_rows,
      MIN(row_first) AS all_first,
      MAX(row_first) AS all_last,
      MIN(CASE WHEN selected = 1 THEN 'EUR' END) AS all_currency,
      MAX(CASE WHEN selected = 1 THEN 'EUR' END) AS all_other_currency
    FROM orders_rows
  ),
  orders_signed AS (
    SELECT
      key_1,
      selected,
      row_first,
      order_id,
      customer_id,
      CASE WHEN paid < 0 THEN 0 ELSE 1 END AS is_order,
      CASE WHEN paid < 0 THEN NULL ELSE paid END AS gross,
      CASE WHEN paid < 0 THEN COALESCE(given_back, 0) - paid WHEN given_back < 0 THEN -given_back ELSE given_back END AS refunds,
      CASE WHEN given_back < 0 AND paid >= 0 OR given_back < 0 AND paid IS NULL THEN COALESCE(paid, 0) + given_back ELSE COALESCE(paid, 0) - COALESCE(given_back, 0) END AS earned
    FROM orders_rows
  ),
  orders_at_grain AS (
    SELECT
      g.grain AS grain,
      CASE WHEN g.grain = 'total' THEN '' ELSE r.key_1 END AS key_1,
      r.is_order AS is_order,
      r.earned AS earned,
      r.gross AS gross,
      r.refunds AS refunds,
      r.order_id AS order_id,
      r.customer_id AS customer_id
    FROM orders_signed AS r
    CROSS JOIN grains AS g
    WHERE r.selected = 1
  ),
  orders_money AS (
    SELECT
      grain,
      key_1,
      COALESCE(SUM(gross), 0) AS gross,
      COALESCE(SUM(refunds), 0) AS refunds,
      SUM(earned) AS earned,
      COUNT(DISTINCT CASE WHEN is_order = 1 THEN order_id END) + SUM(CASE WHEN order_id IS NULL THEN is_order ELSE 0 END) AS orders
    FROM orders_at_grain
    GROUP BY grain, key_1
  ),
  orders_history AS (
    SELECT
      customer_id,
      MIN(CASE WHEN is_order = 1 THEN row_first END) AS first_order,
      COUNT(DISTINCT CASE WHEN is_order = 1 THEN order_id END) + SUM(CASE WHEN order_id IS NULL THEN is_order ELSE 0 END) AS orders
    FROM orders_signed
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
  ),
  orders_shares AS (
    SELECT
      grain,
      key_1,
      customer_id,
      MAX(is_order) AS ordered,
      SUM(earned) AS earned,
      COUNT(DISTINCT CASE WHEN is_order = 1 THEN order_id END) + SUM(CASE WHEN order_id IS NULL THEN is_order ELSE 0 END) AS orders
    FROM orders_at_grain
    WHERE customer_id IS NOT NULL
    GROUP BY grain, key_1, customer_id
  ),
  orders_buyers AS (
    SELECT
      s.grain AS grain,
      s.key_1 AS key_1,
      SUM(s.ordered) AS customers,
      SUM(CASE WHEN h.orders >= 2 THEN s.ordered ELSE 0 END) AS repeat_customers,
      SUM(CASE WHEN h.orders >= 2 THEN s.earned ELSE 0 END) AS repeat_revenue,
      SUM(CASE WHEN h.first_order IS NOT NULL AND (s.grain = 'total' OR TO_CHAR(h.first_order, 'IYYY"-W"IW') = s.key_1) THEN s.ordered ELSE 0 END) AS new_customers,
      SUM(CASE WHEN h.first_order IS NOT NULL AND (s.grain = 'total' OR TO_CHAR(h.first_order, 'IYYY"-W"IW') = s.key_1) THEN s.earned ELSE 0 END) AS new_revenue
    FROM orders_shares AS s
    JOIN orders_history AS h ON h.customer_id = s.customer_id
    GROUP BY s.grain, s.key_1
  ),
  orders_each AS (
    SELECT
      order_id,
      CASE WHEN MIN(customer_id) <> MAX(customer_id) OR (COUNT(customer_id) > 0 AND COUNT(customer_id) < COUNT(*)) THEN 1 ELSE 0 END AS contradicts
    FROM orders_signed
    WHERE order_id IS NOT NULL AND is_order = 1
    GROUP BY order_id
  ),
  orders_conflicts AS (
    SELECT
      COALESCE(SUM(contradicts), 0) AS found
    FROM orders_each
  ),
  orders_grained AS (
    SELECT
      g.grain AS grain,
      CASE WHEN g.grain = 'total' THEN '' ELSE r.key_1 END AS key_1
    FROM orders_rows AS r
    CROSS JOIN grains AS g
    WHERE r.selected = 1
  ),
  orders_sums AS (
    SELECT
      grain,
      key_1,
      COUNT(*) AS selected_rows
    FROM orders_grained
    GROUP BY grain, key_1
  ),
  spine AS (
    SELECT
      'total' AS grain,
      '' AS key_1
    UNION
    SELECT
      grain,
      key_1
    FROM campaigns_sums
    UNION
    SELECT
      grain,
      key_1
    FROM social_sums
    UNION
    SELECT
      grain,
      key_1
    FROM leads_sums
    UNION
    SELECT
      grain,
      key_1
    FROM orders_sums
  )
SELECT
  spine.grain AS "grain",
  spine.key_1 AS "week",
  campaigns_facts.all_rows AS "campaigns_rows",
  campaigns_facts.all_first AS "campaigns_first",
  campaigns_facts.all_last AS "campaigns_last",
  campaigns_facts.all_fractions AS "campaigns_fractions",
  CASE WHEN spine.grain = 'total' THEN COALESCE(campaigns_sums.selected_rows, 0) ELSE campaigns_sums.selected_rows END AS "campaigns_selected",
  CASE WHEN spine.grain = 'total' AND campaigns_sums.grain IS NULL THEN 0 ELSE campaigns_sums.sum_sent END AS "campaigns__sent",
  campaigns_sums.selected_rows - campaigns_sums.filled_sent AS "campaigns_missing__sent",
  CASE WHEN spine.grain = 'total' AND campaigns_sums.grain IS NULL THEN 0 ELSE campaigns_sums.sum_opens END AS "campaigns__opens",
  campaigns_sums.selected_rows - campaigns_sums.filled_opens AS "campaigns_missing__opens",
  CASE WHEN spine.grain = 'total' AND campaigns_sums.grain IS NULL THEN 0 ELSE campaigns_sums.sum_spend END AS "campaigns__spend",
  campaigns_sums.selected_rows - campaigns_sums.filled_spend AS "campaigns_missing__spend",
  social_facts.all_rows AS "social_rows",
  social_facts.all_first AS "social_first",
  social_facts.all_last AS "social_last",
  CASE WHEN spine.grain = 'total' THEN COALESCE(social_sums.selected_rows, 0) ELSE social_sums.selected_rows END AS "social_selected",
  leads_facts.all_rows AS "leads_rows",
  leads_facts.all_first AS "leads_first",
  leads_facts.all_last AS "leads_last",
  CASE WHEN spine.grain = 'total' THEN COALESCE(leads_sums.selected_rows, 0) ELSE leads_sums.selected_rows END AS "leads_selected",
  (SELECT contradicting FROM leads_conflicts) AS "leads_conflicts",
  (SELECT repeated_rows FROM leads_conflicts) AS "leads_repeated",
  CASE WHEN spine.grain = 'total' AND leads_stages.grain IS NULL THEN 0 ELSE leads_stages.won END AS "leads__new_customers",
  orders_facts.all_rows AS "orders_rows",
  orders_facts.all_first AS "orders_first",
  orders_facts.all_last AS "orders_last",
  orders_facts.all_currency AS "orders_currency",
  orders_facts.all_other_currency AS "orders_other_currency",
  CASE WHEN spine.grain = 'total' THEN COALESCE(orders_sums.selected_rows, 0) ELSE orders_sums.selected_rows END AS "orders_selected",
  CASE WHEN orders_buyers.new_customers IS NULL AND (spine.grain = 'total' OR orders_money.grain IS NOT NULL) THEN 0 ELSE orders_buyers.new_customers END AS "orders__new_customers",
  (SELECT found FROM orders_conflicts) AS "orders_conflicts"
FROM spine
CROSS JOIN campaigns_facts
CROSS JOIN social_facts
CROSS JOIN leads_facts
CROSS JOIN orders_facts
LEFT JOIN campaigns_sums ON spine.grain = campaigns_sums.grain AND spine.key_1 = campaigns_sums.key_1
LEFT JOIN social_sums ON spine.grain = social_sums.grain AND spine.key_1 = social_sums.key_1
LEFT JOIN leads_sums ON spine.grain = leads_sums.grain AND spine.key_1 = leads_sums.key_1
LEFT JOIN leads_stages ON spine.grain = leads_stages.grain AND spine.key_1 = leads_stages.key_1
LEFT JOIN orders_sums ON spine.grain = orders_sums.grain AND spine.key_1 = orders_sums.key_1
LEFT JOIN orders_money ON spine.grain = orders_money.grain AND spine.key_1 = orders_money.key_1
LEFT JOIN orders_buyers ON spine.grain = orders_buyers.grain AND spine.key_1 = orders_buyers.key_1
