//! Tables that are large enough to be scanned, through the binary.

mod common;

use std::fmt::Write as _;

use common::{run, run_with_input, written};

const HEADER: &str = "campaign,channel,date,sent,delivered,opens,clicks,spend,revenue\n";

/// More than the 4 MiB from which on tables are scanned.
const ROWS: u64 = 90_000;

fn table(odd: &[(u64, &str)]) -> String {
    let mut text = HEADER.to_owned();
    for row in 0..ROWS {
        odd.iter().filter(|(at, _)| *at == row).for_each(|(_, line)| text.push_str(line));
        let name = if row % 50 == 0 { format!("\"Spring, {}\n2\"", row % 700) } else { format!("Spring {}", row % 700) };
        let channel = ["email", "sms", "push"].get(usize::try_from(row % 3).unwrap_or(0)).copied().unwrap_or("email");
        let (month, cents) = (row % 12 + 1, row % 100);
        let _ = writeln!(
            text,
            "{name},{channel},2026-{month:02}-15,{},900,{},{},{row}.{cents:02},7.50",
            row + 900,
            row % 700,
            row % 90
        );
    }
    text
}

fn asked<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["compute", file, "--no-config", "--by", "channel,month", "--kpi", "sent,opens,spend,revenue"], more].concat()
}

#[test]
fn threads_change_nothing_and_lines_say_what_the_document_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let odd = [
        (60_000, "a,email,2026-01-01,\"1,234\",900,1,1,\"1,234.50\",1.00\n"),
        (70_000, "Pipes 5\" wide,sms,2026-01-02,1,1,1,1,1.00,1.00\n"),
    ];
    let file = written(&folder, "campaigns.csv", table(&odd));
    let alone = run(&asked(&file, &["--format", "json", "--threads", "1"]));
    assert_eq!(alone.code, Some(0), "{}", alone.stderr);
    let document = alone.json();
    // Summed by hand: 900 to 90,899, and the two odd rows.
    assert_eq!(document["total"]["measures"]["sent"].to_string(), (ROWS * 900 + ROWS * (ROWS - 1) / 2 + 1_235).to_string());
    for threads in ["2", "7"] {
        assert_eq!(run(&asked(&file, &["--format", "json", "--threads", threads])).stdout, alone.stdout);
    }
    let lines = run(&asked(&file, &["--format", "ndjson", "--threads", "3"]));
    let groups = document["groups"].as_array().expect("groups");
    let lines: Vec<serde_json::Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), groups.len() + 1);
    for (line, group) in lines.iter().skip(1).zip(groups) {
        assert_eq!((&line["by"], &line["measures"], &line["kpis"]), (&group["by"], &group["measures"], &group["kpis"]));
    }
}

#[test]
fn a_bad_row_far_down_is_named_by_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "campaigns.csv", table(&[(80_000, "a,email,2026-01-01,x,900,1,1,1.00,1.00\n")]));
    let refused = run(&asked(&file, &["--format", "json"]));
    assert_eq!(refused.code, Some(2));
    // The header, 80,000 rows, and a line more for each fiftieth.
    assert!(refused.stderr.contains(":81602:4: error[bad-number]"), "{}", refused.stderr);
    let total = written(&folder, "total.csv", table(&[(80_000, "Total,,,5,5,5,5,5.00,5.00\n")]));
    let refused = run(&asked(&total, &["--format", "json"]));
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains(":81602:") && refused.stderr.contains("total row"), "{}", refused.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn memory_beyond_the_limit_is_an_error_either_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "campaigns.csv", table(&[]));
    for more in [&["--max-memory", "2M"][..], &["--max-memory", "2M", "--dedupe"]] {
        let refused = run(&asked(&file, more));
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("--max-memory allows (2 MiB)"), "{}", refused.stderr);
    }
    assert_eq!(run(&asked(&file, &["--max-memory", "1G"])).code, Some(0));
    assert_eq!(run(&asked(&file, &["--max-memory", "much"])).code, Some(2));
}

#[test]
fn an_answer_is_a_whole_file_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder, "campaigns.csv", table(&[]));
    let answer = folder.path().join("answer.ndjson").display().to_string();
    assert_eq!(run(&asked(&file, &["--format", "ndjson", "-o", &answer])).code, Some(0));
    let kept: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").filter_map(Result::ok).map(|entry| entry.file_name()).collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
}

/// Longer than what is kept in memory, and read once or twice.
#[test]
fn a_pipe_is_answered_as_the_file_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let odd = [(70_000, "Pipes 5\" wide,sms,2026-01-02,1,1,1,1,1.00,1.00\n")];
    let (_, rows) = table(&[]).split_once('\n').map(|(header, rows)| (header.to_owned(), rows.to_owned())).expect("a header");
    let text = [table(&odd), rows.replace(",7.50\n", ",8.50\n")].concat();
    assert!(text.len() > 8 << 20, "{}", text.len());
    let file = written(&folder, "campaigns.csv", &text);
    for more in [&["--format", "json", "--threads", "2"][..], &["--format", "json", "--dedupe"]] {
        let read = run(&asked(&file, more)).answered();
        let piped = run_with_input(&asked("-", more), text.as_bytes()).answered();
        assert_eq!(piped.stdout, read.stdout.replace(&file, "-"));
        assert_eq!(piped.stderr, read.stderr.replace(&file, "-"));
    }
    let bad = table(&[(80_000, "a,email,2026-01-01,x,900,1,1,1.00,1.00\n")]);
    let file = written(&folder, "bad.csv", &bad);
    let (read, piped) = (run(&asked(&file, &[])), run_with_input(&asked("-", &[]), bad.as_bytes()));
    assert_eq!((piped.code, piped.stderr), (Some(2), read.stderr.replace(&file, "-")));
}
