//! The models against published numbers, and against fits of other programs to public data sets.
//!
//! Tests over data read it from the folder that `MAK_REAL_EXPORTS` names and are skipped without.

use std::fs;
use std::path::PathBuf;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::Value;

use super::bg_bb::{BgBb, DiscreteHistory, DiscretePurchases};
use super::bg_nbd::BgNbd;
use super::data::{History, Purchases};
use super::fit::{Fit, Model};
use super::forecast::{Customer, Forecaster, Horizon};
use super::gamma_gamma::{GammaGamma, Spending};
use super::mbg_nbd::MbgNbd;
use super::pareto_nbd::ParetoNbd;
use super::purchase_model::PurchaseModel;
use super::sbg::{Sbg, Survivors};
use super::summary::{Summary, Transaction, Windows, summarise};
use super::time::{Span, TimeUnit};

/// Relative tolerance for a number printed with at least that many digits.
#[track_caller]
fn assert_close(found: f64, expected: f64, tolerance: f64) {
    let error = (found / expected - 1.0).abs();
    assert!(error <= tolerance, "{found} is not {expected}: relative error {error:e}");
}

fn history(frequency: u32, recency: f64, age: f64) -> History {
    History::new(frequency, recency, age).unwrap()
}

/// The folder of the real data, or None with a message.
fn data_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("MAK_REAL_EXPORTS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
    }
    folder
}

/// The reference numbers.
struct Reference(Value);

impl Reference {
    fn read(folder: &std::path::Path, name: &str) -> Self {
        let text = fs::read_to_string(folder.join("clv").join(name)).unwrap();
        Reference(serde_json::from_str(&text).unwrap())
    }

    /// The value at a JSON pointer.
    fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"))
    }

    fn number(&self, pointer: &str) -> f64 {
        self.at(pointer).as_f64().unwrap_or_else(|| panic!("{pointer} is no number"))
    }

    /// The parameters of a model under a pointer, by their names.
    fn parameters<M: Model>(&self, pointer: &str) -> Vec<f64> {
        M::PARAMETERS.iter().map(|name| self.number(&format!("{pointer}/{name}"))).collect()
    }

    fn list(&self, pointer: &str) -> Vec<f64> {
        self.at(pointer).as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    }
}

#[track_caller]
fn assert_fit<M: Model>(fit: &Fit<M>, parameters: &[f64], tolerance: f64) {
    assert!(fit.converged(), "{:?}", fit.why_not);
    assert!(fit.gradient_norm < 1e-5, "gradient {:e}", fit.gradient_norm);
    assert!(fit.iterations < 40, "{} iterations", fit.iterations);
    for (found, expected) in fit.parameters.iter().zip(parameters) {
        assert_close(found.value, *expected, tolerance);
        assert!(found.standard_error.is_some_and(|error| error > 0.0));
    }
}

/// The customers of the summary table, in weeks.
fn summary_table(folder: &std::path::Path) -> Vec<History> {
    let text = fs::read_to_string(folder.join("clv/cdnow_customers_summary.csv")).unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.trim().split(',').collect();
            history(fields[1].parse().unwrap(), fields[2].parse().unwrap(), fields[3].parse().unwrap())
        })
        .collect()
}

/// A log of sales with fixed columns: customer, day as YYYYMMDD, and the amount last.
fn sales(path: PathBuf, customer: usize, day: usize) -> Vec<Transaction<String>> {
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|fields| fields[0] != "customer_id")
        .map(|fields| Transaction {
            customer: fields[customer].to_owned(),
            date: Date::strptime("%Y%m%d", fields[day]).unwrap(),
            amount: Some(fields.last().unwrap().parse().unwrap()),
        })
        .collect()
}

fn sample_sales(folder: &std::path::Path) -> Vec<Transaction<String>> {
    sales(folder.join("clv/CDNOW_sample.txt"), 1, 2)
}

/// 39 weeks of calibration, and of holdout: the split of the papers.
fn calibration() -> Windows {
    Windows { unit: TimeUnit::Week, calibration_end: date(1997, 9, 30), holdout_end: Some(date(1998, 6, 30)) }
}

/// The whole log.
fn whole_period() -> Windows {
    Windows { unit: TimeUnit::Week, calibration_end: date(1998, 6, 30), holdout_end: None }
}

fn purchases(summary: &Summary<String>, unit: TimeUnit) -> Purchases {
    Purchases::new(Some(unit), summary.customers.iter().map(|customer| customer.history))
}

fn spending(summary: &Summary<String>) -> Spending {
    let values = summary.customers.iter();
    Spending::new(values.filter_map(|one| Some((one.history.frequency(), one.mean_repeat_value()?)))).unwrap()
}

/// Fader, Hardie & Lee (2005), the parameters of table 2 and what they imply.
#[test]
fn bg_nbd_at_the_published_parameters() {
    let model = BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap();
    for (time, expected) in [(1.0, 0.053_267_9), (39.0, 1.196_723_2), (52.0, 1.446_050_6), (78.0, 1.860_519_1)] {
        assert_close(model.expected_purchases(time), expected, 1e-6);
    }
    assert_close(model.probability_of_count(0, 39.0), 0.573_786_4, 1e-6);
    assert_close(model.probability_of_count(11, 30.0), 0.001_999_521_4, 1e-7);
    let customer = history(2, 30.43, 38.86);
    assert_close(model.conditional_expected_purchases(&customer, 39.0), 1.226_028_2, 1e-7);
    assert_close(model.probability_alive(&customer), 0.726_578_6, 1e-6);
    let frequent = history(26, 30.86, 31.0);
    assert_close(model.conditional_expected_purchases(&frequent, 52.0), 25.758_195_9, 1e-8);
    assert_close(model.probability_alive(&frequent), 0.968_915_6, 1e-6);
    let once = history(0, 0.0, 38.86);
    assert_close(model.conditional_expected_purchases(&once, 39.0), 0.195_098_1, 1e-6);
    assert!((model.probability_alive(&once) - 1.0).abs() < f64::EPSILON);
}

/// Fader, Hardie & Lee (2005, JMR), the parameters of Pareto/NBD and what they imply.
#[test]
fn pareto_nbd_at_the_published_parameters() {
    let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669).unwrap();
    assert_close(model.expected_purchases(52.0), 1.472_996_8, 1e-7);
    let frequent = history(26, 30.86, 31.0);
    assert_close(model.conditional_expected_purchases(&frequent, 52.0), 25.458_473_0, 1e-8);
    assert_close(model.probability_alive(&frequent), 0.997_918_7, 1e-7);
    let customer = history(2, 30.43, 38.86);
    assert_close(model.conditional_expected_purchases(&customer, 39.0), 1.455_123_2, 1e-7);
    assert_close(model.probability_alive(&customer), 0.869_167_6, 1e-7);
    assert_close(model.probability_alive(&history(0, 0.0, 38.86)), 0.295_286_6, 1e-7);
    let weekly = 1.15_f64.ln() / 52.0;
    for (customer, expected) in [
        (history(0, 0.0, 38.86), 0.478_457_67),
        (customer, 6.501_730_54),
        (history(7, 29.43, 38.86), 16.586_951_73),
        (frequent, 86.289_888_79),
    ] {
        assert_close(model.discounted_residual_transactions(&customer, weekly), expected, 1e-8);
    }
    assert_close(model.discounted_transactions(weekly), 3.964_070_55, 1e-9);
}

#[test]
fn every_tabulated_prediction_of_bg_nbd() {
    let Some(folder) = data_folder() else { return };
    let reference = Reference::read(&folder, "reference.json");
    for (pointer, parameters) in [("predict_published_params", "paper_2005"), ("predict_lifetimes_fit", "lifetimes")] {
        let parameters = reference.parameters::<BgNbd>(&format!("/bgnbd_cdnow/{parameters}"));
        let model = BgNbd::from_parameters(&parameters).unwrap();
        let at = format!("/bgnbd_cdnow/{pointer}");
        for (time, expected) in reference.at(&format!("{at}/expected_purchases_t")).as_object().unwrap() {
            // That program subtracts nearly equal numbers for short times.
            assert_close(model.expected_purchases(time.parse().unwrap()), expected.as_f64().unwrap(), 1e-10);
        }
        for case in reference.at(&format!("{at}/cond")).as_array().unwrap() {
            let number = |name: &str| case[name].as_f64().unwrap();
            let customer = history(u32::try_from(case["x"].as_u64().unwrap()).unwrap(), number("t_x"), number("T"));
            assert_close(model.conditional_expected_purchases(&customer, 39.0), number("E_39"), 1e-10);
            assert_close(model.conditional_expected_purchases(&customer, 52.0), number("E_52"), 1e-10);
            assert_close(model.probability_alive(&customer), number("p_alive"), 1e-12);
        }
        for (count, expected) in (0..).zip(reference.list(&format!("{at}/pmf_t39"))) {
            assert_close(model.probability_of_count(count, 39.0), expected, 1e-10);
        }
        for (count, expected) in (11..).zip(reference.list(&format!("{at}/pmf_t30_11to20"))) {
            assert_close(model.probability_of_count(count, 30.0), expected, 1e-10);
        }
    }
}

#[test]
fn discounted_transactions_agree_with_the_numeric_integral() {
    let Some(folder) = data_folder() else { return };
    let reference = Reference::read(&folder, "dert_reference.json");
    let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669).unwrap();
    let rate = reference.number("/d_weekly_continuous");
    for case in reference.at("/cases").as_array().unwrap() {
        let number = |name: &str| case[name].as_f64().unwrap();
        let customer = history(u32::try_from(case["x"].as_u64().unwrap()).unwrap(), number("t_x"), number("T"));
        assert_close(model.discounted_residual_transactions(&customer, rate), number("DERT_numeric"), 1e-12);
        assert_close(model.probability_alive(&customer), number("p_alive"), 1e-12);
    }
    assert_close(model.discounted_transactions(rate), reference.number("/DET_numeric"), 1e-12);
}

#[test]
fn fits_of_the_summary_table() {
    let Some(folder) = data_folder() else { return };
    let reference = Reference::read(&folder, "reference.json");
    let histories = summary_table(&folder);
    let data = Purchases::new(Some(TimeUnit::Week), histories.clone());
    assert_eq!(data.customers(), 2357);

    let fit = BgNbd::fit(&data).unwrap();
    assert_fit(&fit, &reference.parameters::<BgNbd>("/bgnbd_cdnow/scipy_mle"), 1e-6);
    assert!((fit.log_likelihood - reference.number("/bgnbd_cdnow/scipy_mle/LL")).abs() < 1e-7);
    for (parameter, published) in fit.parameters.iter().zip([0.242_592_905, 4.413_531_597, 0.792_886_152, 2.425_753_727]) {
        assert_close(parameter.value, published, 1e-5);
        let expected = reference.number(&format!("/bgnbd_cdnow/lifetimes_summary/{}/se(coef)", parameter.name));
        assert_close(parameter.standard_error.unwrap(), expected, 1e-3);
    }
    assert!((fit.log_likelihood - -9_582.425_561).abs() < 1e-6);
    let rounded = BgNbd::new(0.243, 4.414, 0.793, 2.426).unwrap();
    assert!((rounded.log_likelihood(&data) - reference.number("/bgnbd_cdnow/LL_at_paper_params")).abs() < 1e-7);
    let total = Forecaster::new(&fit).unwrap().total_purchases(&histories, Span::new(39.0, TimeUnit::Week)).unwrap();
    assert_close(total.value, 1_653.423_3, 1e-6);
    let alive: f64 = histories.iter().map(|one| fit.model.probability_alive(one)).sum::<f64>() / 2357.0;
    assert_close(alive, reference.number("/bgnbd_cdnow/mean_p_alive_lifetimes_fit"), 1e-6);

    let fit = ParetoNbd::fit(&data).unwrap();
    assert_fit(&fit, &reference.parameters::<ParetoNbd>("/paretonbd_cdnow/scipy_mle"), 1e-6);
    for (parameter, published) in fit.parameters.iter().zip([0.553_275_55, 10.577_613_3, 0.606_213_4, 11.667_905_13]) {
        assert_close(parameter.value, published, 1e-5);
    }
    assert!((fit.log_likelihood - -9_594.973_930).abs() < 1e-6);
    let rounded = ParetoNbd::new(0.553, 10.578, 0.606, 11.669).unwrap();
    assert!((rounded.log_likelihood(&data) - reference.number("/paretonbd_cdnow/LL_at_paper_params")).abs() < 1e-7);

    let fit = MbgNbd::fit(&data).unwrap();
    assert_fit(&fit, &reference.parameters::<MbgNbd>("/mbgnbd_cdnow/lifetimes"), 1e-5);
    // The library that these come from stopped a little early; at its own parameters we agree closely.
    let model = MbgNbd::from_parameters(&reference.parameters::<MbgNbd>("/mbgnbd_cdnow/lifetimes")).unwrap();
    assert!(fit.log_likelihood >= model.log_likelihood(&data));
    let customer = history(2, 30.43, 38.86);
    assert_close(model.probability_alive(&customer), reference.number("/mbgnbd_cdnow/p_alive(2,30.43,38.86)"), 1e-10);
    let never = history(0, 0.0, 38.86);
    assert_close(model.probability_alive(&never), reference.number("/mbgnbd_cdnow/p_alive(0,0,38.86)"), 1e-10);
    let expected = reference.number("/mbgnbd_cdnow/E39(2,30.43,38.86)");
    assert_close(model.conditional_expected_purchases(&customer, 39.0), expected, 1e-10);
}

#[test]
fn fits_of_the_raw_log() {
    let Some(folder) = data_folder() else { return };
    let reference = Reference::read(&folder, "reference.json");
    let summary = summarise(sample_sales(&folder), &calibration()).unwrap();
    assert_eq!(summary.customers.len(), 2357);
    let fit = BgNbd::fit(&purchases(&summary, TimeUnit::Week)).unwrap();
    assert_fit(&fit, &reference.parameters::<BgNbd>("/elog/bgnbd_from_elog_weekly_scipy_mle"), 1e-6);
    assert!((fit.log_likelihood - -9_582.429_207).abs() < 1e-6);

    let bought: u32 = summary.customers.iter().map(|one| one.history.frequency()).sum();
    assert_eq!(bought, 2457);
    let customers: Vec<(History, u32)> = summary.customers.iter().map(|one| (one.history, one.holdout_purchases)).collect();
    let span = Span::new(f64::from(calibration().holdout_days()), TimeUnit::Day);
    let table = Forecaster::new(&fit).unwrap().calibration(&customers, span).unwrap();
    assert_eq!(table.actual(), 1882);
    assert_close(table.expected(), reference.number("/elog/pred_holdout_39w_sum"), 1e-5);
    assert_eq!(table.classes[0].customers, 1411);
}

/// Another library raises an error on this fit at a tight tolerance, and stops early at a loose one.
#[test]
fn the_fit_of_the_whole_period_converges() {
    let Some(folder) = data_folder() else { return };
    let reference = Reference::read(&folder, "reference.json");
    let summary = summarise(sample_sales(&folder), &whole_period()).unwrap();
    let fit = BgNbd::fit(&purchases(&summary, TimeUnit::Week)).unwrap();
    assert_fit(&fit, &reference.parameters::<BgNbd>("/elog/bgnbd_full_weekly_scipy_mle"), 1e-6);
    assert!((fit.log_likelihood - -17_138.233_965).abs() < 1e-6);
    for (found, expected) in
        summary.customers.iter().zip(reference.at("/elog/full_summary_to_1998-06-30/first5").as_array().unwrap())
    {
        let days = 7.0 * found.history.recency();
        assert!((days - expected["recency"].as_f64().unwrap()).abs() < 1e-9);
        let value = expected["monetary_value"].as_f64().unwrap();
        assert!((found.mean_repeat_value().unwrap_or(0.0) - value).abs() < 1e-9);
    }
    let fit = GammaGamma::fit(&spending(&summary)).unwrap();
    assert_eq!(fit.customers, 1139);
    assert_fit(&fit, &reference.parameters::<GammaGamma>("/elog/gammagamma_full_scipy_mle"), 1e-6);
    assert!((fit.log_likelihood - -4_884.566_321).abs() < 1e-6);
}

/// Mean values to the cent, half up, as the summary table of the papers gives them.
fn rounded_to_cents(summary: &Summary<String>) -> Vec<Option<f64>> {
    let mean = |total: Decimal, count: u32| {
        let cents = (total * Decimal::from(200) / Decimal::from(count) + Decimal::ONE).floor() / Decimal::TWO;
        let cents = cents.floor() / Decimal::ONE_HUNDRED;
        cents.to_string().parse::<f64>().unwrap()
    };
    let customers = summary.customers.iter();
    customers
        .map(|one| Some(one.history.frequency()).filter(|count| *count > 0).map(|count| mean(one.repeat_value.unwrap(), count)))
        .collect()
}

#[test]
fn value_over_twelve_months() {
    let Some(folder) = data_folder() else { return };
    let reference = Reference::read(&folder, "reference.json");
    let summary = summarise(sample_sales(&folder), &calibration()).unwrap();
    let values = rounded_to_cents(&summary);
    let histories = summary_table(&folder);
    let repeaters = summary.customers.iter().zip(&values);
    let data = Spending::new(repeaters.filter_map(|(one, value)| Some((one.history.frequency(), (*value)?)))).unwrap();
    let spending = GammaGamma::fit(&data).unwrap();
    assert_eq!(spending.customers, 946);
    assert_fit(&spending, &reference.parameters::<GammaGamma>("/gammagamma_cdnow/scipy_mle"), 1e-6);
    assert!((spending.log_likelihood - -4_055.923_244).abs() < 1e-6);
    assert_close(spending.model.mean_value().unwrap(), 35.171_002, 1e-6);
    assert_close(data.correlation().unwrap(), reference.number("/gammagamma_cdnow/corr_frequency_monetary"), 1e-9);

    let customers: Vec<Customer> =
        histories.iter().zip(&values).map(|(history, value)| Customer { history: *history, mean_value: *value }).collect();
    let spends = reference.list("/gammagamma_cdnow/cond_avg_profit_first10_MLE_params");
    for (customer, expected) in customers.iter().zip(spends) {
        let found = spending.model.conditional_mean_value(customer.history.frequency(), customer.mean_value.unwrap_or(0.0));
        assert_close(found.unwrap(), expected, 1e-6);
    }

    let fit = BgNbd::fit(&Purchases::new(Some(TimeUnit::Week), histories.clone())).unwrap();
    let forecaster = Forecaster::new(&fit).unwrap();
    let horizon = Horizon::new(12, TimeUnit::Month, 0.01).unwrap();
    let total = forecaster.total_value(&spending, &customers, &horizon).unwrap();
    assert_close(total.value, 71_509.899_1, 1e-6);
    let interval = total.interval(0.95).unwrap();
    assert!(interval.low > 60_000.0 && interval.high < 85_000.0, "{interval:?}");
    for (customer, expected) in customers.iter().zip(reference.list("/clv_MLE_params/12m_d0.01_freqW/first10")) {
        assert_close(forecaster.value(&spending, customer, &horizon).unwrap(), expected, 1e-5);
    }
    let undiscounted = Horizon::new(12, TimeUnit::Month, 0.0).unwrap();
    let total = forecaster.total_value(&spending, &customers, &undiscounted).unwrap();
    assert_close(total.value, reference.number("/clv_MLE_params/12m_d0_freqW/sum"), 1e-6);

    // The classic mistake reads a weekly table as a daily one: 266,811. Here the same customers in
    // days give the same value as in weeks.
    let daily: Vec<History> = histories.iter().map(|history| history.rescaled(7.0).unwrap()).collect();
    let by_day = BgNbd::fit(&Purchases::new(Some(TimeUnit::Day), daily.clone())).unwrap();
    let in_days: Vec<Customer> =
        daily.iter().zip(&values).map(|(history, value)| Customer { history: *history, mean_value: *value }).collect();
    let total = Forecaster::new(&by_day).unwrap().total_value(&spending, &in_days, &horizon).unwrap();
    assert_close(total.value, 71_509.899_1, 1e-6);
}

#[test]
fn fits_of_subscribers_and_donors() {
    let Some(folder) = data_folder() else { return };
    let reference = Reference::read(&folder, "reference.json");
    for group in ["regular", "highend"] {
        let shares = reference.list(&format!("/sbg/data_pct_surviving/{group}"));
        for renewals in [7, 12] {
            let at = format!("/sbg/mle/{group}/{renewals}yr");
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "per cent of a thousand customers")]
            let counts = shares.iter().take(renewals + 1).map(|share| (10.0 * share).round() as u64);
            let fit = Sbg::fit(&Survivors::new(counts.collect()).unwrap()).unwrap();
            assert_fit(&fit, &reference.parameters::<Sbg>(&at), 1e-6);
            assert!((fit.log_likelihood - reference.number(&format!("{at}/LL_N1000"))).abs() < 1e-7);
            for (renewal, expected) in (0..).zip(reference.list(&format!("{at}/survival_0_12"))) {
                assert_close(fit.model.survival(renewal), expected, 1e-6);
            }
            for (renewal, expected) in (1..).zip(reference.list(&format!("{at}/retention_1_12"))) {
                assert_close(fit.model.retention(renewal), expected, 1e-6);
            }
            assert_close(fit.model.discounted_lifetime(0.1), reference.number(&format!("{at}/DEL_d10pct")), 1e-6);
            for (renewal, expected) in (1..).zip(reference.list(&format!("{at}/DERL_d10pct_n1..5"))) {
                assert_close(fit.model.discounted_residual_lifetime(renewal, 0.1), expected, 1e-6);
            }
        }
    }

    let text = fs::read_to_string(folder.join("clv/donations.csv")).unwrap();
    let groups = text.lines().skip(1).map(|line| {
        let field: Vec<u32> = line.trim().split(',').map(|field| field.parse().unwrap()).collect();
        (DiscreteHistory::new(field[0], field[1], field[2]).unwrap(), u64::from(field[3]))
    });
    let fit = BgBb::fit(&DiscretePurchases::new(groups)).unwrap();
    assert_eq!(fit.customers, 11_104);
    assert_fit(&fit, &reference.parameters::<BgBb>("/bgbb_donations/lifetimes"), 1e-4);
    assert_close(fit.log_likelihood, reference.number("/bgbb_donations/paper/LL"), 1e-5);
}

/// All customers of the full log: what the speed goal is measured on.
#[test]
fn the_fit_of_every_customer() {
    let Some(folder) = data_folder() else { return };
    let rows = sales(folder.join("cdnow/CDNOW_master.txt"), 0, 1);
    let summary = summarise(rows, &whole_period()).unwrap();
    assert_eq!(summary.customers.len(), 23_570);
    let data = purchases(&summary, TimeUnit::Week);
    let started = std::time::Instant::now();
    let fit = BgNbd::fit(&data).unwrap();
    let took = started.elapsed();
    eprintln!("bg-nbd, {} customers in {} rows: {took:?}, {} iterations", fit.customers, fit.distinct_rows, fit.iterations);
    // The lifetimes library at its tightest tolerance that does not raise an error.
    assert_fit(&fit, &[0.267_127_765, 5.986_491_780, 0.483_516_984, 2.111_608_391], 1e-6);
    let started = std::time::Instant::now();
    let fit = ParetoNbd::fit(&data).unwrap();
    eprintln!("pareto-nbd: {:?}, {} iterations, LL {}", started.elapsed(), fit.iterations, fit.log_likelihood);
    assert!(fit.converged(), "{:?}", fit.why_not);
}
