//! `mak attribute` through the binary. Credits of the fixtures are worked out by hand in the comments; those of
//! real files come from published references and are checked where `MAK_REAL_EXPORTS` names the folder.

mod common;

use common::{decimal, run, written};
use rust_decimal::Decimal;
use serde_json::Value;

const TOUCHES: &str = "fixtures/attribution/touches.csv";
const VISITS: &str = "fixtures/attribution/visits.csv";
const ORDERS: &str = "fixtures/attribution/orders.csv";
const SPEND: &str = "fixtures/attribution/spend.csv";
const PATHS: &str = "fixtures/attribution/paths.csv";
const JOURNEYS: &str = "fixtures/attribution/journeys.csv";
const LEADS: &str = "fixtures/attribution/leads.csv";
const DEALS: &str = "fixtures/attribution/deals.csv";

/// Decimal places to which figures are written here.
const PLACES: u32 = 6;

#[track_caller]
fn attribute(arguments: &[&str]) -> Value {
    run(&[&["attribute", "--no-config", "--format", "json"], arguments].concat()).answered().json()
}

/// A figure of a model, rounded to as many places as it is written with here.
#[track_caller]
fn credits(document: &Value, model: &str, field: &str, expected: &[(&str, &str)]) {
    for (channel, expected) in expected {
        let wanted = Decimal::from_str_exact(expected).expect("a decimal");
        let found = decimal(&document["models"][model][channel][field]);
        let rounded = found.map(|found| found.round_dp(wanted.scale().max(PLACES)));
        let near = rounded.is_some_and(|rounded| (rounded - wanted).abs() <= unit_of(wanted));
        assert!(near, "{model} {channel} {field}: expected {expected}, found {found:?}");
    }
}

/// The last place of a number that was rounded; nothing for one that is exact.
fn unit_of(number: Decimal) -> Decimal {
    if number.scale() < PLACES { Decimal::ZERO } else { Decimal::new(1, number.scale()) }
}

#[track_caller]
fn figure(document: &Value, pointer: &str, expected: &str) {
    let found = document.pointer(pointer).and_then(decimal);
    assert_eq!(found, Decimal::from_str_exact(expected).ok(), "{pointer}");
}

/// Every model gives all conversions and all of their value away, to the last digit, and nobody less than nothing.
#[track_caller]
fn adds_up(document: &Value) {
    let models = document["models"].as_object().expect("models");
    assert!(!models.is_empty());
    for (model, credits) in models {
        for field in ["conversions", "value"] {
            let Some(whole) = decimal(&document[field]) else { continue };
            let parts = credits.as_object().expect("channels").values().chain([&document["unattributed"]]);
            let parts: Vec<Decimal> = parts.filter_map(|credit| decimal(&credit[field])).collect();
            assert_eq!(parts.iter().sum::<Decimal>(), whole, "{model} {field}");
            assert!(field == "value" || parts.iter().all(|part| *part >= Decimal::ZERO), "{model}: {parts:?}");
        }
        // The chain of a Markov model learns from paths that ended in nothing, so it is not bound by this.
        for (channel, credit) in credits.as_object().expect("channels").iter().filter(|_| model != "markov") {
            let most = decimal(&document["influenced"]["channels"][channel]["conversions"]).expect("conversions touched");
            assert!(decimal(&credit["conversions"]).is_some_and(|credit| credit <= most), "{model} {channel}");
        }
    }
}

// Inputs

/// Rows in no order. Ana buys for 90 after search, email and direct, and for 30.10 after email and search; the
/// row of a conversion is the last touch of its path. Dia buys for 10 after email. What follows the last
/// conversion is a path of its own that ended in nothing.
#[test]
fn a_log_of_touches() {
    let document = attribute(&[TOUCHES, "--compare-models"]);
    adds_up(&document);
    figure(&document, "/conversions", "3");
    figure(&document, "/value", "130.10");
    figure(&document, "/people", "4");
    figure(&document, "/people_converted", "2");
    figure(&document, "/nulls", "3");
    credits(&document, "first", "value", &[("search", "90"), ("email", "40.10"), ("direct", "0"), ("social", "0")]);
    credits(&document, "last", "value", &[("search", "30.10"), ("email", "10"), ("direct", "90")]);
    credits(&document, "last-non-direct", "value", &[("search", "30.10"), ("email", "100"), ("direct", "0")]);
    credits(&document, "linear", "value", &[("search", "45.05"), ("email", "55.05"), ("direct", "30"), ("social", "0")]);
    credits(&document, "linear", "conversions", &[("search", "0.833333"), ("email", "1.833333"), ("direct", "0.333333")]);
    // 40 % of 90 and half of 30.10; 20 % of 90, half of 30.10 and 10; 40 % of 90.
    credits(&document, "position", "value", &[("search", "51.05"), ("email", "43.05"), ("direct", "36")]);
    // A third each of three; half and half; all.
    credits(&document, "shapley", "conversions", &[("search", "0.833333"), ("email", "1.833333"), ("direct", "0.333333")]);
}

/// Each order has the touches after the order before and up to its day: Ben's search of the next day has no part
/// in it, and refunds lower what an order is worth.
#[test]
fn touches_and_orders_in_two_files() {
    let document = attribute(&[VISITS, ORDERS, "--model", "linear"]);
    adds_up(&document);
    figure(&document, "/conversions", "4");
    figure(&document, "/value", "122.50");
    credits(&document, "linear", "value", &[("email", "42.50"), ("search", "30"), ("social", "12.50")]);
    figure(&document, "/unattributed/conversions", "2");
    figure(&document, "/unattributed/value", "37.50");
    let told = document["warnings"].to_string();
    assert!(told.contains("1 of 4 orders are of people without a touch"), "{told}");
    assert!(told.contains("count as at the end of that day"), "{told}");
}

/// With a lookback Ana's second order has the touches of her first one too.
#[test]
fn a_lookback_does_not_stop_at_the_previous_order() {
    let document = attribute(&[VISITS, ORDERS, "--model", "linear", "--lookback", "30d"]);
    credits(&document, "linear", "value", &[("email", "48.75"), ("search", "36.25"), ("social", "12.50")]);
    figure(&document, "/unattributed/value", "25");
    let short = attribute(&[VISITS, ORDERS, "--model", "linear", "--lookback", "15h"]);
    credits(&short, "linear", "value", &[("email", "60"), ("search", "0"), ("social", "25")]);
}

/// Orders beside a log that has conversions of its own: they are not counted twice.
#[test]
fn orders_set_the_conversions_of_a_log_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let orders = written(&folder, "orders.csv", "order_id,customer_id,date,amount\n1,ana,2026-03-09,70\n");
    let document = attribute(&[TOUCHES, &orders, "--model", "last"]);
    figure(&document, "/conversions", "1");
    figure(&document, "/value", "70");
    assert!(document["warnings"].to_string().contains("3 conversions of the touch logs are set aside"), "{document:#}");
}

/// email > search > email three times, search twice, direct > search once, direct four times.
#[test]
fn a_table_of_paths() {
    let document = attribute(&[PATHS, "--model", "first,last,last-non-direct,linear,markov,shapley"]);
    adds_up(&document);
    figure(&document, "/conversions", "10");
    figure(&document, "/value", "115.29");
    figure(&document, "/nulls", "54");
    credits(&document, "linear", "value", &[("email", "30.20"), ("search", "40.095"), ("direct", "44.995"), ("social", "0")]);
    credits(&document, "linear", "conversions", &[("email", "2"), ("search", "3.5"), ("direct", "4.5")]);
    credits(&document, "last-non-direct", "conversions", &[("email", "3"), ("search", "3"), ("direct", "4")]);
    credits(&document, "shapley", "conversions", &[("email", "1.5"), ("search", "4"), ("direct", "4.5")]);
    figure(&document, "/markov/order", "1");
    // Ten of 64 paths convert.
    figure(&document, "/markov/conversion_probability", "0.15625");
    figure(&document, "/markov/removal_effects/social", "0");
    let without = attribute(&[PATHS, "--model", "markov", "--without-nulls"]);
    figure(&without, "/markov/conversion_probability", "1");
}

/// With a half-life of a day, touches four, two and no days before the end have parts of 1, 4 and 16.
#[test]
fn journeys_with_times() {
    let document = attribute(&[JOURNEYS, "--model", "time-decay", "--half-life", "24h", "--lookback", "7d"]);
    adds_up(&document);
    figure(&document, "/conversions", "3");
    // 1/21 + 2/3 + 1, 4/21 + 1/3, 16/21; the email of two weeks before is out of sight.
    let parts = [("email", "1.714286"), ("search", "0.523810"), ("social", "0.761905")];
    credits(&document, "time-decay", "conversions", &parts);
    // 64/21 + 32/3 + 8, 256/21 + 16/3, 1024/21
    credits(&document, "time-decay", "value", &[("email", "21.714286"), ("search", "17.523810"), ("social", "48.761905")]);
}

/// Leads with a first and a last source, and the deals that they name: won leads are the conversions.
#[test]
fn leads_with_two_sources() {
    let document = attribute(&[LEADS, DEALS, "--model", "linear,first"]);
    adds_up(&document);
    assert_eq!(document["by"], "source");
    figure(&document, "/conversions", "3");
    figure(&document, "/nulls", "2");
    credits(&document, "linear", "value", &[("email", "450"), ("search", "350"), ("social", "0")]);
    credits(&document, "first", "value", &[("email", "100"), ("search", "700")]);
    figure(&document, "/unattributed/value", "50");
}

// Options

#[test]
fn paths_are_transformed_before_they_are_credited() {
    let linear = |flags: &[&str]| attribute(&[&[PATHS, "--model", "linear"], flags].concat());
    let unique = linear(&["--unique"]);
    credits(&unique, "linear", "conversions", &[("email", "1.5"), ("search", "4"), ("direct", "4.5")]);
    let no_direct = linear(&["--drop-direct"]);
    credits(&no_direct, "linear", "conversions", &[("email", "2"), ("search", "4"), ("direct", "4")]);
    let longer = linear(&["--min-length", "2"]);
    figure(&longer, "/conversions", "4");
    figure(&longer, "/left_out/conversions", "6");
    figure(&longer, "/left_out/value", "60");
    let shorter = linear(&["--max-length", "1"]);
    figure(&shorter, "/conversions", "6");
    let folder = tempfile::tempdir().expect("a folder");
    let runs = written(&folder, "paths.csv", "path,conversions,value\na > a > b,3,9\n");
    let collapsed = attribute(&[&runs, "--model", "linear", "--collapse"]);
    credits(&collapsed, "linear", "conversions", &[("a", "1.5"), ("b", "1.5")]);
}

#[test]
fn weights_by_their_number() {
    let document = attribute(&[TOUCHES, "--model", "position", "--weights", "1,1,2"]);
    // 90 as 1/4, 1/4, 1/2; 30.10 as 1/3, 2/3.
    credits(&document, "position", "value", &[("search", "42.566667"), ("email", "42.533333"), ("direct", "45")]);
    run(&["attribute", TOUCHES, "--weights", "1,2"]).refused("bad-usage");
    run(&["attribute", TOUCHES, "--weights", "0,0,0"]).refused("bad-usage");
}

#[test]
fn any_dimension_can_be_credited() {
    let document = attribute(&[TOUCHES, "--model", "last", "--by", "campaign"]);
    assert_eq!(document["by"], "campaign");
    // The direct visit has no campaign: its conversion is the last touch's before it.
    credits(&document, "last", "value", &[("brand", "30.10"), ("spring", "100"), ("summer", "0")]);
    let ran = run(&["attribute", TOUCHES, "--by", "campain"]).refused("unknown-name");
    assert!(ran.stderr.contains("campaign"), "{}", ran.stderr);
}

/// `Search` and `search` were spent on the same channel; `radio` is in no path; 1.00 is for nothing in particular.
#[test]
fn what_was_spent_is_joined_at_the_channel() {
    let document = attribute(&[VISITS, ORDERS, SPEND, "--model", "linear,last"]);
    adds_up(&document);
    credits(&document, "linear", "cost", &[("search", "25"), ("email", "8")]);
    credits(&document, "linear", "roas", &[("search", "1.2"), ("email", "5.3125")]);
    credits(&document, "linear", "roi", &[("search", "0.2"), ("email", "4.3125")]);
    credits(&document, "linear", "cac", &[("search", "50"), ("email", "8")]);
    // Nothing is last search's: it costs, earns nothing, and a cost by none has no value.
    credits(&document, "last", "roi", &[("search", "-1")]);
    assert!(document["models"]["last"]["search"].get("cac").is_none());
    assert!(document["models"]["linear"]["social"].get("cost").is_none());
    figure(&document, "/spend/total", "84");
    figure(&document, "/spend/untouched/radio", "50");
    figure(&document, "/spend/unallocated", "1");
}

#[test]
fn influence_overlaps_and_says_so() {
    let document = attribute(&[TOUCHES, "--model", "last"]);
    assert_eq!(document["influenced"]["overlaps"], true);
    figure(&document, "/influenced/channels/email/value", "130.10");
    figure(&document, "/influenced/channels/search/value", "120.10");
    figure(&document, "/influenced/channels/direct/value", "90");
    figure(&document, "/influenced/any/value", "130.10");
    figure(&document, "/sourced/search/value", "120.10");
    figure(&document, "/sourced/email/value", "10");
    for format in ["table", "markdown"] {
        let ran = run(&["attribute", TOUCHES, "--model", "last", "--format", format]).answered();
        let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Influenced rows overlap") && text.contains("Do not add them"), "{text}");
    }
}

/// Steps leave a state as often as it was entered, and as many paths begin as end.
#[test]
fn transitions_for_a_sankey_chart() {
    let document = attribute(&[PATHS, "--model", "markov"]);
    let transitions = document["markov"]["transitions"].as_array().expect("transitions");
    let steps = |side: &str, state: &Value| -> u64 {
        let of_state = transitions.iter().filter(|transition| transition[side] == *state);
        of_state.map(|transition| transition["count"].as_u64().expect("a count")).sum()
    };
    assert_eq!(steps("from", &"start".into()), 64);
    assert_eq!(steps("to", &"conversion".into()), 10);
    assert_eq!(steps("to", &"nothing".into()), 54);
    for channel in ["email", "search", "direct", "social"] {
        let state = serde_json::json!({ "touched": [channel] });
        assert!(steps("to", &state) > 0);
        assert_eq!(steps("from", &state), steps("to", &state), "{channel}");
    }
}

#[test]
fn a_bootstrap_is_its_seed() {
    let draw = |seed: &str| attribute(&[TOUCHES, "--model", "linear,markov", "--bootstrap", "200", "--seed", seed]);
    let first = draw("7");
    assert_eq!(first, draw("7"));
    assert_ne!(first["models"], draw("8")["models"]);
    for credits in first["models"].as_object().expect("models").values() {
        for credit in credits.as_object().expect("channels").values() {
            for (field, interval) in [("conversions", "conversions_interval"), ("value", "value_interval")] {
                let (low, high) = (decimal(&credit[interval]["low"]), decimal(&credit[interval]["high"]));
                assert!(low <= decimal(&credit[field]) && decimal(&credit[field]) <= high, "{credit}");
            }
        }
    }
}

#[test]
fn the_model_of_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = written(&folder, "mak.toml", "[defaults]\nattribution_model = \"first_touch\"\n");
    let document = run(&["attribute", TOUCHES, "--config", &config, "--format", "json"]).answered().json();
    assert_eq!(document["models"].as_object().expect("models").keys().collect::<Vec<_>>(), ["first"]);
    credits(&document, "first", "value", &[("search", "90"), ("email", "40.10")]);
}

/// `compute` credits revenue as `mak.toml` says, and as it was before where it says nothing.
#[test]
fn compute_uses_the_model_of_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = written(&folder, "mak.toml", "[defaults]\nattribution_model = \"linear\"\n");
    let compute = |flags: &[&str]| common::compute(&[&[VISITS, ORDERS, SPEND], flags].concat());
    let document = compute(&["--by", "channel", "--config", &config]);
    let measures = |channel: &str| &common::group(&document, &[("channel", Some(channel))]).expect("a group")["measures"];
    assert_eq!(decimal(&measures("email")["attributed_revenue"]), Decimal::from_str_exact("42.50").ok());
    assert_eq!(decimal(&measures("social")["attributed_revenue"]), Decimal::from_str_exact("12.50").ok());
    assert_eq!(decimal(&document["total"]["measures"]["attributed_revenue"]), Decimal::from_str_exact("85").ok());
    assert!(compute(&["--by", "channel", "--no-config"])["total"]["measures"].get("attributed_revenue").is_none());
}

/// Rows in another order and channels of other names: the same credits. Where two channels have the same claim on
/// the last digit their names decide, so that place is not compared.
#[test]
fn order_and_names_change_nothing() {
    let text = std::fs::read_to_string(common::root().join(TOUCHES)).expect("the fixture");
    let (header, rows) = text.split_once('\n').expect("a header");
    let renamed = [("search", "zeta"), ("email", "mail"), ("social", "alpha")];
    let mut lines: Vec<String> = rows.lines().rev().map(str::to_owned).collect();
    for (old, new) in renamed {
        lines.iter_mut().for_each(|line| *line = line.replace(old, new));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let other = written(&folder, "touches.csv", format!("{header}\n{}\n", lines.join("\n")));
    let (before, after) = (attribute(&[TOUCHES, "--compare-models"]), attribute(&[&other, "--compare-models"]));
    let credit = |document: &Value, model: &str, channel: &str, field: &str| {
        decimal(&document["models"][model][channel][field]).map(|credit| credit.round_dp(10))
    };
    for model in before["models"].as_object().expect("models").keys() {
        for (old, new) in renamed.into_iter().chain([("direct", "direct")]) {
            for field in ["conversions", "value"] {
                let (was, is) = (credit(&before, model, old, field), credit(&after, model, new, field));
                assert!(was.is_some() && was == is, "{model} {old} {field}: {was:?}, then {is:?}");
            }
        }
    }
}

#[test]
fn csv_has_a_row_for_each_model_and_channel() {
    let ran = run(&["attribute", TOUCHES, "--model", "last,markov", "--format", "csv"]).answered();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("model,scope,name,conversions,value,"), "{}", lines[0]);
    assert!(lines.iter().any(|line| line.starts_with("last,channel,direct,1,90,")), "{}", ran.stdout);
    assert!(lines.iter().any(|line| line.starts_with("markov,total,,3,130.1,")), "{}", ran.stdout);
    assert!(lines.iter().any(|line| line.starts_with("influenced,overlapping,email,3,130.1,")), "{}", ran.stdout);
}

// What is refused

#[test]
fn what_cannot_be_credited_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    run(&["attribute", ORDERS]).refused("nothing-computed");
    run(&["attribute", SPEND]).refused("nothing-computed");
    run(&["attribute", VISITS]).refused("nothing-computed");
    run(&["attribute", PATHS, "--model", "time-decay"]).refused("nothing-computed");
    run(&["attribute", PATHS, "--lookback", "30d"]).refused("bad-usage");
    run(&["attribute", TOUCHES, "--lookback", "30"]).refused("bad-usage");
    run(&["attribute", TOUCHES, "--half-life", "0d", "--model", "time-decay"]).refused("bad-usage");
    run(&["attribute", TOUCHES, "--order", "0", "--model", "markov"]).refused("bad-usage");
    run(&["attribute", TOUCHES, "--min-length", "3", "--max-length", "2"]).refused("bad-usage");
    let ran = run(&["attribute", TOUCHES, "--model", "linar"]).refused("unknown-name");
    assert!(ran.stderr.contains("did you mean linear"), "{}", ran.stderr);
    let maybe = written(&folder, "maybe.csv", "person_id,time,channel,conversion\na,2026-01-02,search,maybe\n");
    let ran = run(&["attribute", &maybe]).refused("bad-number");
    assert!(ran.stderr.contains(":2:4:") && ran.stderr.contains("maybe"), "{}", ran.stderr);
    let part = written(&folder, "part.csv", "path,conversions\na > b,1.5\n");
    run(&["attribute", &part]).refused("fractional-count");
    let times = written(&folder, "times.csv", "journey,conversion,time_till_end\na > b,true,5.0\n");
    let ran = run(&["attribute", &times]).refused("bad-number");
    assert!(ran.stderr.contains("1 times for a path of 2 touches"), "{}", ran.stderr);
    let comma = written(&folder, "comma.csv", "journey;conversion;time_till_end\na > b;true;7,5 > 0\n");
    run(&["attribute", &comma]).refused("ambiguous-number");
    let order = written(&folder, "dates.csv", "person_id,time,channel,conversion\na,03/04/2026,search,1\n");
    run(&["attribute", &order]).refused("ambiguous-date");
}

/// A path table has no times: the comparison goes on without the model that needs them, and says so.
#[test]
fn a_comparison_tells_what_is_missing() {
    let document = attribute(&[PATHS, "--compare-models"]);
    adds_up(&document);
    assert!(document["models"].get("time-decay").is_none());
    assert!(document["unavailable"]["time-decay"].as_str().is_some_and(|why| why.contains("time")), "{document:#}");
    assert_eq!(document["models"].as_object().expect("models").len(), 8);
}

/// No file says what conversions were worth, so nothing is worth nothing.
#[test]
fn without_values_there_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = written(&folder, "paths.csv", "path,conversions\na > b,3\n");
    let document = attribute(&[&paths, "--compare-models"]);
    adds_up(&document);
    assert!(document.get("value").is_none() && document["models"]["linear"]["a"].get("value").is_none());
}

// Worked and published figures

/// 12,000 for five touches on days 0, 5, 12, 30 and 38, with a half-life of a week.
#[test]
fn the_worked_journey_to_the_cent() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "person_id,time,channel,conversion,value\n\
        p,2026-01-01,first,0,\np,2026-01-06,second,0,\np,2026-01-13,third,0,\np,2026-01-31,fourth,0,\np,2026-02-08,fifth,1,12000\n";
    let document = attribute(&[&written(&folder, "journey.csv", rows), "--model", "time-decay,position"]);
    adds_up(&document);
    let decayed = [
        ("first", "175.195176"),
        ("second", "287.437594"),
        ("third", "574.875187"),
        ("fourth", "3417.044981"),
        ("fifth", "7545.447062"),
    ];
    credits(&document, "time-decay", "value", &decayed);
    let position = [("first", "4800"), ("second", "800"), ("third", "800"), ("fourth", "800"), ("fifth", "4800")];
    credits(&document, "position", "value", &position);
}

/// The folder of real exports, or nothing, said aloud.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn export(name: &str) -> Option<String> {
    let folder = std::env::var_os("MAK_REAL_EXPORTS").filter(|folder| !folder.is_empty());
    let Some(folder) = folder.map(std::path::PathBuf::from) else {
        eprintln!("skipped: MAK_REAL_EXPORTS is not set");
        return None;
    };
    Some(folder.join("attribution").join(name).to_str().expect("UTF-8").to_owned())
}

#[test]
fn eight_small_journeys_under_every_model() {
    let Some(file) = export("tiny_journeys.csv") else { return };
    let document = attribute(&[&file, "--compare-models"]);
    adds_up(&document);
    let conversions = |model, a, b, c| credits(&document, model, "conversions", &[("A", a), ("B", b), ("C", c)]);
    conversions("first", "2", "1", "1");
    conversions("last", "1", "1", "2");
    conversions("linear", "1.333333", "1.583333", "1.083333");
    conversions("position", "1.4", "1.3", "1.3");
    conversions("time-decay", "1.3016321113", "1.6265414527", "1.0718264360");
    conversions("markov", "1.4347228585", "1.2368300504", "1.3284470912");
    conversions("shapley", "1.166667", "1.666667", "1.166667");
    credits(&document, "linear", "value", &[("A", "98.333333"), ("B", "83.333333"), ("C", "78.333333")]);
    credits(&document, "position", "value", &[("A", "105"), ("B", "58"), ("C", "97")]);
    for (channel, effect) in [("A", "0.62"), ("B", "0.5344827586"), ("C", "0.5740740741")] {
        let found = decimal(&document["markov"]["removal_effects"][channel]).expect("an effect");
        assert_eq!(found.round_dp(10), Decimal::from_str_exact(effect).expect("a decimal"), "{channel}");
    }
    figure(&document, "/markov/conversion_probability", "0.5");
    let day = attribute(&[&file, "--model", "time-decay", "--half-life", "24h"]);
    credits(&day, "time-decay", "conversions", &[("A", "1.0870584715"), ("B", "1.5648486167"), ("C", "1.3480929117")]);
}

/// A chain gives credit to a channel that no converting path touched: it leads on to one that converts. The smallest
/// example has two paths. The definition of removal effects says so, not this program: ChannelAttribution 2.2.5,
/// which simulates the same chain, gives display 0.333156 of the one conversion (`benches/attribution`).
#[test]
fn a_chain_credits_what_no_conversion_touched_and_shapley_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = "path,conversions,value,nulls\nsearch,1,100,0\ndisplay > search,0,0,1\n";
    let file = written(&folder, "two.csv", table);
    let document = attribute(&[&file, "--compare-models"]);
    adds_up(&document);
    // Half of the two walks convert. Without display a quarter would, without search none: 1/2 and 1, over 3/2.
    credits(&document, "markov", "conversions", &[("display", "0.333333333333"), ("search", "0.666666666667")]);
    for (channel, effect) in [("display", "0.5"), ("search", "1")] {
        figure(&document, &format!("/markov/removal_effects/{channel}"), effect);
    }
    for model in ["first", "last", "last-non-direct", "linear", "position", "w-shaped", "shapley"] {
        credits(&document, model, "conversions", &[("display", "0"), ("search", "1")]);
    }
    // Learning from conversions alone, display is nowhere and gets nothing.
    let without = attribute(&[&file, "--model", "markov", "--without-nulls"]);
    credits(&without, "markov", "conversions", &[("display", "0"), ("search", "1")]);
}

/// Shapley credits are equal parts of each path, exact at any number of channels: nothing is sampled beyond twenty.
#[test]
fn shapley_is_exact_for_forty_channels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |channels: std::ops::Range<u32>| channels.map(|number| format!("c{number:02}")).collect::<Vec<_>>().join(" > ");
    let table = format!("path,conversions,value,nulls\n{},40,80,3\n{},5,1,0\n", path(0..40), path(0..5));
    let document = attribute(&[&written(&folder, "forty.csv", table), "--model", "shapley"]);
    adds_up(&document);
    assert_eq!(document["models"]["shapley"].as_object().expect("channels").len(), 40);
    // 40/40 + 5/5 of the conversions and 80/40 + 1/5 of the value, or the first parts alone.
    credits(&document, "shapley", "conversions", &[("c00", "2"), ("c04", "2"), ("c05", "1"), ("c39", "1")]);
    credits(&document, "shapley", "value", &[("c00", "2.2"), ("c05", "2")]);
}

/// ChannelAttribution's own data against its own figures, and the chain against the exact solution of the linear
/// system (the package simulates it).
#[test]
fn ten_thousand_paths() {
    let (Some(file), Some(reference)) = (export("pathdata.csv"), export("ref_heuristic.csv")) else { return };
    let document = attribute(&[&file, "--model", "first,last,linear,markov"]);
    adds_up(&document);
    figure(&document, "/conversions", "19785");
    figure(&document, "/nulls", "68602");
    let reference = std::fs::read_to_string(reference).expect("the reference");
    let mut channels = 0;
    for line in reference.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let models = [("first", 1), ("last", 3), ("linear", 5)];
        for (model, at) in models {
            for (field, at) in [("conversions", at), ("value", at + 1)] {
                let wanted = Decimal::from_str_exact(cells[at]).expect("a decimal");
                let found = decimal(&document["models"][model][cells[0]][field]).expect("a credit");
                // The reference went through floats: its last digits are noise.
                assert!((found - wanted).abs() < Decimal::new(1, 8), "{model} {} {field}: {found}, not {wanted}", cells[0]);
            }
        }
        channels += 1;
    }
    assert_eq!(channels, 12);
    let exact = [("alpha", "5344.947682"), ("iota", "3884.614702"), ("eta", "3340.847402"), ("mi", "1.722425")];
    credits(&document, "markov", "conversions", &exact);
    let probability = decimal(&document["markov"]["conversion_probability"]).expect("a probability");
    assert_eq!(probability.round_dp(13), Decimal::from_str_exact("0.2238451355969").expect("a decimal"));
    assert_eq!(probability.round_dp(14), (Decimal::from(19_785) / Decimal::from(88_387)).round_dp(14));
    let without = attribute(&[&file, "--model", "markov", "--without-nulls"]);
    credits(&without, "markov", "conversions", &[("alpha", "5260.069561")]);
}

#[test]
fn a_real_log_of_touches() {
    let Some(file) = export("attribution_data.csv") else { return };
    let document = attribute(&[&file, "--compare-models"]);
    adds_up(&document);
    assert_eq!(document["models"].as_object().expect("models").len(), 9);
    figure(&document, "/inputs/0/used", "62483");
    figure(&document, "/people", "7896");
    figure(&document, "/people_converted", "1642");
    figure(&document, "/conversions", "1838");
    figure(&document, "/value", "11423.5");
    let last =
        [("Facebook", "561"), ("Paid Search", "457"), ("Online Video", "350"), ("Instagram", "237"), ("Online Display", "233")];
    credits(&document, "last", "conversions", &last);
    let values = [("Facebook", "3514.5"), ("Paid Search", "2807.5"), ("Online Video", "2190"), ("Instagram", "1475.5")];
    credits(&document, "last", "value", &values);
}
