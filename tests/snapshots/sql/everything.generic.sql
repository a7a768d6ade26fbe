WITH
  campaigns_rows AS (
    SELECT
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
      'total' AS grain,
      r.m_sent AS m_sent,
      r.m_opens AS m_opens,
      r.m_spend AS m_spend
    FROM campaigns_rows AS r
    WHERE r.selected = 1
  ),
  campaigns_sums AS (
    SELECT
      grain,
      COUNT(*) AS selected_rows,
      COUNT(m_sent) AS filled_sent,
      SUM(m_sent) AS sum_sent,
      COUNT(m_opens) AS filled_opens,
      SUM(m_opens) AS sum_opens,
      COUNT(m_spend) AS filled_spend,
      SUM(m_spend) AS sum_spend
    FROM campaigns_grained
    GROUP BY grain
  ),
  social_rows AS (
    SELECT
      CAST(t."date" AS DATE) AS row_first,
      1 AS selected,
      CAST(t."likes" AS DECIMAL(38, 18)) AS m_likes,
      CAST(t."followers" AS DECIMAL(38, 18)) AS m_followers,
      CAST(t."reach" AS DECIMAL(38, 18)) AS m_reach,
      COALESCE(TRIM(CAST(t."platform" AS VARCHAR)), '') AS stock_key_1
    FROM "posts" AS t
  ),
  social_facts AS (
    SELECT
      COUNT(*) AS all_rows,
      MIN(row_first) AS all_first,
      MAX(row_first) AS all_last,
      SUM(CASE WHEN m_likes <> FLOOR(m_likes) OR m_followers <> FLOOR(m_followers) OR m_reach <> FLOOR(m_reach) THEN 1 ELSE 0 END) AS all_fractions
    FROM social_rows
  ),
  social_grained AS (
    SELECT
      'total' AS grain,
      r.m_likes AS m_likes,
      r.m_followers AS m_followers,
      r.m_reach AS m_reach,
      r.stock_key_1 AS stock_key_1,
      r.row_first AS row_first
    FROM social_rows AS r
    WHERE r.selected = 1
  ),
  social_sums AS (
    SELECT
      grain,
      COUNT(*) AS selected_rows,
      COUNT(m_likes) AS filled_likes,
      SUM(m_likes) AS sum_likes,
      COUNT(m_followers) AS filled_followers,
      COUNT(m_reach) AS filled_reach,
      MIN(m_reach) AS sum_reach
    FROM social_grained
    GROUP BY grain
  ),
  social_followers_levels AS (
    SELECT
      grain,
      stock_key_1,
      m_followers,
      row_first,
      RANK() OVER (PARTITION BY grain, stock_key_1 ORDER BY CASE WHEN row_first IS NULL THEN 1 ELSE 0 END, row_first DESC) AS place
    FROM social_grained
    WHERE m_followers IS NOT NULL
  ),
  social_followers_ends AS (
    SELECT
      grain,
      stock_key_1,
      MIN(m_followers) AS low,
      MAX(m_followers) AS high,
      COUNT(*) AS found,
      COUNT(row_first) AS dated
    FROM social_followers_levels
    WHERE place = 1
    GROUP BY grain, stock_key_1
  ),
  social_followers_stock AS (
    SELECT
      grain,
      SUM(low) AS level,
      MAX(CASE WHEN low <> high OR (dated = 0 AND found > 1) THEN found ELSE 1 END) AS rivals
    FROM social_followers_ends
    GROUP BY grain
  ),
  leads_rows AS (
    SELECT
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
      MIN(selected) AS selected,
      MIN(lead_at) AS lead_at,
      MIN(mql_at) AS mql_at,
      MIN(won_at) AS won_at,
      MIN(first_response_at) AS first_response_at,
      CASE WHEN MIN(selected) <> MAX(selected) THEN 1 ELSE 0 END AS contradicts,
      COUNT(*) - 1 AS repeated
    FROM leads_rows
    WHERE lead_id IS NOT NULL
    GROUP BY lead_id
    UNION ALL
    SELECT
      lead_id,
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
      'total' AS grain,
      r.first_response_at AS first_response_at,
      r.lead_at AS lead_at,
      r.mql_at AS mql_at,
      r.won_at AS won_at,
      r.won_at - r.lead_at AS span_sales_cycle_days,
      r.won_at - r.lead_at AS span_conversion_days,
      r.first_response_at - r.lead_at AS span_response_seconds
    FROM leads_each AS r
    WHERE r.selected = 1
  ),
  leads_stages AS (
    SELECT
      grain,
      COUNT(*) AS leads,
      SUM(CASE WHEN mql_at IS NOT NULL OR won_at IS NOT NULL THEN 1 ELSE 0 END) AS mqls,
      SUM(CASE WHEN won_at IS NOT NULL THEN 1 ELSE 0 END) AS won,
      SUM(CASE WHEN span_response_seconds <= 3600 THEN 1 ELSE 0 END) AS in_time
    FROM leads_cohort
    GROUP BY grain
  ),
  leads_sales_cycle_days_ranked AS (
    SELECT
      grain,
      span_sales_cycle_days AS sampled,
      ROW_NUMBER() OVER (PARTITION BY grain ORDER BY span_sales_cycle_days) - 1 AS place,
      COUNT(*) OVER (PARTITION BY grain) AS found
    FROM leads_cohort
    WHERE span_sales_cycle_days IS NOT NULL
  ),
  leads_sales_cycle_days_sample AS (
    SELECT
      grain,
      COUNT(*) AS n,
      SUM(sampled) AS sample_sum,
      MIN(sampled) AS sample_min,
      MAX(sampled) AS sample_max,
      MAX(CASE WHEN 10 * place <= 5 * (found - 1) AND 5 * (found - 1) < 10 * place + 10 THEN sampled END) AS sample_median_low,
      COALESCE(MAX(CASE WHEN 10 * (place - 1) <= 5 * (found - 1) AND 5 * (found - 1) < 10 * (place - 1) + 10 THEN sampled END), MAX(sampled)) AS sample_median_high,
      MAX(CASE WHEN 10 * place <= 9 * (found - 1) AND 9 * (found - 1) < 10 * place + 10 THEN sampled END) AS sample_p90_low,
      COALESCE(MAX(CASE WHEN 10 * (place - 1) <= 9 * (found - 1) AND 9 * (found - 1) < 10 * (place - 1) + 10 THEN sampled END), MAX(sampled)) AS sample_p90_high
    FROM leads_sales_cycle_days_ranked
    GROUP BY grain
  ),
  leads_conversion_days_ranked AS (
    SELECT
      grain,
      span_conversion_days AS sampled,
      ROW_NUMBER() OVER (PARTITION BY grain ORDER BY span_conversion_days) - 1 AS place,
      COUNT(*) OVER (PARTITION BY grain) AS found
    FROM leads_cohort
    WHERE span_conversion_days IS NOT NULL
  ),
  leads_conversion_days_sample AS (
    SELECT
      grain,
      COUNT(*) AS n,
      SUM(sampled) AS sample_sum,
      MIN(sampled) AS sample_min,
      MAX(sampled) AS sample_max,
      MAX(CASE WHEN 10 * place <= 5 * (found - 1) AND 5 * (found - 1) < 10 * place + 10 THEN sampled END) AS sample_median_low,
      COALESCE(MAX(CASE WHEN 10 * (place - 1) <= 5 * (found - 1) AND 5 * (found - 1) < 10 * (place - 1) + 10 THEN sampled END), MAX(sampled)) AS sample_median_high,
      MAX(CASE WHEN 10 * place <= 9 * (found - 1) AND 9 * (found - 1) < 10 * place + 10 THEN sampled END) AS sample_p90_low,
      COALESCE(MAX(CASE WHEN 10 * (place - 1) <= 9 * (found - 1) AND 9 * (found - 1) < 10 * (place - 1) + 10 THEN sampled END), MAX(sampled)) AS sample_p90_high
    FROM leads_conversion_days_ranked
    GROUP BY grain
  ),
  leads_response_seconds_ranked AS (
    SELECT
      grain,
      span_response_seconds AS sampled,
      ROW_NUMBER() OVER (PARTITION BY grain ORDER BY span_response_seconds) - 1 AS place,
      COUNT(*) OVER (PARTITION BY grain) AS found
    FROM leads_cohort
    WHERE span_response_seconds IS NOT NULL
  ),
  leads_response_seconds_sample AS (
    SELECT
      grain,
      COUNT(*) AS n,
      SUM(sampled) AS sample_sum,
      MIN(sampled) AS sample_min,
      MAX(sampled) AS sample_max,
      MAX(CASE WHEN 10 * place <= 5 * (found - 1) AND 5 * (found - 1) < 10 * place + 10 THEN sampled END) AS sample_median_low,
      COALESCE(MAX(CASE WHEN 10 * (place - 1) <= 5 * (found - 1) AND 5 * (found - 1) < 10 * (place - 1) + 10 THEN sampled END), MAX(sampled)) AS sample_median_high,
      MAX(CASE WHEN 10 * place <= 9 * (found - 1) AND 9 * (found - 1) < 10 * place + 10 THEN sampled END) AS sample_p90_low,
      COALESCE(MAX(CASE WHEN 10 * (place - 1) <= 9 * (found - 1) AND 9 * (found - 1) < 10 * (place - 1) + 10 THEN sampled END), MAX(sampled)) AS sample_p90_high
    FROM leads_response_seconds_ranked
    GROUP BY grain
  ),
  leads_grained AS (
    SELECT
      'total' AS grain
    FROM leads_rows AS r
    WHERE r.selected = 1
  ),
  leads_sums AS (
    SELECT
      grain,
      COUNT(*) AS selected_rows
    FROM leads_grained
    GROUP BY grain
  ),
  orders_rows AS (
    SELECT
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
      'total' AS grain,
      r.is_order AS is_order,
      r.earned AS earned,
      r.gross AS gross,
      r.refunds AS refunds,
      r.order_id AS order_id,
      r.customer_id AS customer_id
    FROM orders_signed AS r
    WHERE r.selected = 1
  ),
  orders_money AS (
    SELECT
      grain,
      COALESCE(SUM(gross), 0) AS gross,
      COALESCE(SUM(refunds), 0) AS refunds,
      SUM(earned) AS earned,
      COUNT(DISTINCT CASE WHEN is_order = 1 THEN order_id END) + SUM(CASE WHEN order_id IS NULL THEN is_order ELSE 0 END) AS orders
    FROM orders_at_grain
    GROUP BY grain
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
      customer_id,
      MAX(is_order) AS ordered,
      SUM(earned) AS earned,
      COUNT(DISTINCT CASE WHEN is_order = 1 THEN order_id END) + SUM(CASE WHEN order_id IS NULL THEN is_order ELSE 0 END) AS orders
    FROM orders_at_grain
    WHERE customer_id IS NOT NULL
    GROUP BY grain, customer_id
  ),
  orders_buyers AS (
    SELECT
      s.grain AS grain,
      SUM(s.ordered) AS customers,
      SUM(CASE WHEN h.orders >= 2 THEN s.ordered ELSE 0 END) AS repeat_customers,
      SUM(CASE WHEN h.orders >= 2 THEN s.earned ELSE 0 END) AS repeat_revenue,
      SUM(CASE WHEN 1 = 1 THEN s.ordered ELSE 0 END) AS new_customers,
      SUM(CASE WHEN 1 = 1 THEN s.earned ELSE 0 END) AS new_revenue,
      COUNT(*) AS drawn_orders,
      SUM(s.earned) AS above_orders,
      SUM(s.orders) AS below_orders,
      CASE WHEN SUM(CASE WHEN CAST(s.earned AS DECIMAL(18, 6)) = s.earned THEN 0 ELSE 1 END) = 0 THEN SUM(CAST(s.earned AS DECIMAL(18, 6)) * CAST(s.earned AS DECIMAL(18, 6))) END AS above_squared_orders,
      SUM(s.orders * s.orders) AS below_squared_orders,
      SUM(s.earned * s.orders) AS products_orders,
      COUNT(*) AS drawn_customers,
      SUM(s.earned) AS above_customers,
      SUM(s.ordered) AS below_customers,
      CASE WHEN SUM(CASE WHEN CAST(s.earned AS DECIMAL(18, 6)) = s.earned THEN 0 ELSE 1 END) = 0 THEN SUM(CAST(s.earned AS DECIMAL(18, 6)) * CAST(s.earned AS DECIMAL(18, 6))) END AS above_squared_customers,
      SUM(s.ordered * s.ordered) AS below_squared_customers,
      SUM(s.earned * s.ordered) AS products_customers
    FROM orders_shares AS s
    JOIN orders_history AS h ON h.customer_id = s.customer_id
    GROUP BY s.grain
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
      'total' AS grain
    FROM orders_rows AS r
    WHERE r.selected = 1
  ),
  orders_sums AS (
    SELECT
      grain,
      COUNT(*) AS selected_rows
    FROM orders_grained
    GROUP BY grain
  ),
  spine AS (
    SELECT
      'total' AS grain
  )
SELECT
  spine.grain AS "grain",
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
  social_facts.all_fractions AS "social_fractions",
  CASE WHEN spine.grain = 'total' THEN COALESCE(social_sums.selected_rows, 0) ELSE social_sums.selected_rows END AS "social_selected",
  CASE WHEN spine.grain = 'total' AND social_sums.grain IS NULL THEN 0 ELSE social_sums.sum_likes END AS "social__likes",
  social_sums.selected_rows - social_sums.filled_likes AS "social_missing__likes",
  social_sums.selected_rows - social_sums.filled_followers AS "social_missing__followers",
  CASE WHEN social_sums.filled_reach = 1 THEN social_sums.sum_reach END AS "social__reach",
  social_sums.filled_reach AS "social_rivals__reach",
  social_sums.selected_rows - social_sums.filled_reach AS "social_missing__reach",
  CASE WHEN social_followers_stock.rivals = 1 THEN social_followers_stock.level END AS "social__followers",
  social_followers_stock.rivals AS "social_rivals__followers",
  leads_facts.all_rows AS "leads_rows",
  leads_facts.all_first AS "leads_first",
  leads_facts.all_last AS "leads_last",
  CASE WHEN spine.grain = 'total' THEN COALESCE(leads_sums.selected_rows, 0) ELSE leads_sums.selected_rows END AS "leads_selected",
  (SELECT contradicting FROM leads_conflicts) AS "leads_conflicts",
  (SELECT repeated_rows FROM leads_conflicts) AS "leads_repeated",
  CASE WHEN spine.grain = 'total' AND leads_stages.grain IS NULL THEN 0 ELSE leads_stages.leads END AS "leads__leads",
  CASE WHEN spine.grain = 'total' AND leads_stages.grain IS NULL THEN 0 ELSE leads_stages.mqls END AS "leads__mqls",
  CASE WHEN spine.grain = 'total' AND leads_stages.grain IS NULL THEN 0 ELSE leads_stages.won END AS "leads__won",
  CASE WHEN spine.grain = 'total' AND leads_stages.grain IS NULL THEN 0 ELSE leads_stages.won END AS "leads__new_customers",
  CASE WHEN spine.grain = 'total' AND leads_stages.grain IS NULL THEN 0 ELSE leads_stages.in_time END AS "leads__followed_up_within_1h",
  leads_sales_cycle_days_sample.n AS "leads_n__sales_cycle_days",
  leads_sales_cycle_days_sample.sample_sum AS "leads_sum__sales_cycle_days",
  leads_sales_cycle_days_sample.sample_min AS "leads_min__sales_cycle_days",
  leads_sales_cycle_days_sample.sample_max AS "leads_max__sales_cycle_days",
  leads_sales_cycle_days_sample.sample_median_low AS "leads_median_low__sales_cycle_days",
  leads_sales_cycle_days_sample.sample_median_high AS "leads_median_high__sales_cycle_days",
  leads_sales_cycle_days_sample.sample_p90_low AS "leads_p90_low__sales_cycle_days",
  leads_sales_cycle_days_sample.sample_p90_high AS "leads_p90_high__sales_cycle_days",
  leads_conversion_days_sample.n AS "leads_n__conversion_days",
  leads_conversion_days_sample.sample_sum AS "leads_sum__conversion_days",
  leads_conversion_days_sample.sample_min AS "leads_min__conversion_days",
  leads_conversion_days_sample.sample_max AS "leads_max__conversion_days",
  leads_conversion_days_sample.sample_median_low AS "leads_median_low__conversion_days",
  leads_conversion_days_sample.sample_median_high AS "leads_median_high__conversion_days",
  leads_conversion_days_sample.sample_p90_low AS "leads_p90_low__conversion_days",
  leads_conversion_days_sample.sample_p90_high AS "leads_p90_high__conversion_days",
  leads_response_seconds_sample.n AS "leads_n__response_seconds",
  leads_response_seconds_sample.sample_sum AS "leads_sum__response_seconds",
  leads_response_seconds_sample.sample_min AS "leads_min__response_seconds",
  leads_response_seconds_sample.sample_max AS "leads_max__response_seconds",
  leads_response_seconds_sample.sample_median_low AS "leads_median_low__response_seconds",
  leads_response_seconds_sample.sample_median_high AS "leads_median_high__response_seconds",
  leads_response_seconds_sample.sample_p90_low AS "leads_p90_low__response_seconds",
  leads_response_seconds_sample.sample_p90_high AS "leads_p90_high__response_seconds",
  orders_facts.all_rows AS "orders_rows",
  orders_facts.all_first AS "orders_first",
  orders_facts.all_last AS "orders_last",
  orders_facts.all_currency AS "orders_currency",
  orders_facts.all_other_currency AS "orders_other_currency",
  CASE WHEN spine.grain = 'total' THEN COALESCE(orders_sums.selected_rows, 0) ELSE orders_sums.selected_rows END AS "orders_selected",
  CASE WHEN spine.grain = 'total' AND orders_money.grain IS NULL THEN 0 ELSE orders_money.gross END AS "orders__gross_revenue",
  CASE WHEN spine.grain = 'total' AND orders_money.grain IS NULL THEN 0 ELSE orders_money.earned END AS "orders__revenue",
  CASE WHEN spine.grain = 'total' AND orders_money.grain IS NULL THEN 0 ELSE orders_money.refunds END AS "orders__refunds",
  CASE WHEN spine.grain = 'total' THEN COALESCE(orders_money.orders, 0) ELSE orders_money.orders END AS "orders__orders",
  orders_buyers.drawn_orders AS "orders_drawn__orders",
  orders_buyers.below_orders AS "orders_below__orders",
  orders_buyers.below_squared_orders AS "orders_below_squared__orders",
  orders_buyers.above_squared_orders AS "orders_above_squared__orders",
  orders_buyers.above_orders AS "orders_above__orders",
  orders_buyers.products_orders AS "orders_products__orders",
  orders_buyers.drawn_customers AS "orders_drawn__customers",
  orders_buyers.below_customers AS "orders_below__customers",
  orders_buyers.below_squared_customers AS "orders_below_squared__customers",
  orders_buyers.above_squared_customers AS "orders_above_squared__customers",
  orders_buyers.above_customers AS "orders_above__customers",
  orders_buyers.products_customers AS "orders_products__customers",
  CASE WHEN orders_buyers.customers IS NULL AND (spine.grain = 'total' OR orders_money.grain IS NOT NULL) THEN 0 ELSE orders_buyers.customers END AS "orders__customers",
  CASE WHEN orders_buyers.repeat_customers IS NULL AND (spine.grain = 'total' OR orders_money.grain IS NOT NULL) THEN 0 ELSE orders_buyers.repeat_customers END AS "orders__repeat_customers",
  CASE WHEN orders_buyers.new_customers IS NULL AND (spine.grain = 'total' OR orders_money.grain IS NOT NULL) THEN 0 ELSE orders_buyers.new_customers END AS "orders__new_customers",
  CASE WHEN orders_buyers.repeat_revenue IS NULL AND (spine.grain = 'total' OR orders_money.grain IS NOT NULL) THEN 0 ELSE orders_buyers.repeat_revenue END AS "orders__repeat_revenue",
  CASE WHEN orders_buyers.new_revenue IS NULL AND (spine.grain = 'total' OR orders_money.grain IS NOT NULL) THEN 0 ELSE orders_buyers.new_revenue END AS "orders__new_revenue",
  (SELECT found FROM orders_conflicts) AS "orders_conflicts"
FROM spine
CROSS JOIN campaigns_facts
CROSS JOIN social_facts
CROSS JOIN leads_facts
CROSS JOIN orders_facts
LEFT JOIN campaigns_sums ON spine.grain = campaigns_sums.grain
LEFT JOIN social_sums ON spine.grain = social_sums.grain
LEFT JOIN social_followers_stock ON spine.grain = social_followers_stock.grain
LEFT JOIN leads_sums ON spine.grain = leads_sums.grain
LEFT JOIN leads_stages ON spine.grain = leads_stages.grain
LEFT JOIN leads_sales_cycle_days_sample ON spine.grain = leads_sales_cycle_days_sample.grain
LEFT JOIN leads_conversion_days_sample ON spine.grain = leads_conversion_days_sample.grain
LEFT JOIN leads_response_seconds_sample ON spine.grain = leads_response_seconds_sample.grain
LEFT JOIN orders_sums ON spine.grain = orders_sums.grain
LEFT JOIN orders_money ON spine.grain = orders_money.grain
LEFT JOIN orders_buyers ON spine.grain = orders_buyers.grain
