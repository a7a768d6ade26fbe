//! Archives, workbooks and JSON as people have them: an audience in three files of a zip, and what `mak normalize`
//! makes of cells that have their own bounds.

mod common;

#[path = "common/zip.rs"]
mod zip;

use common::{group, run, written};
use zip::{text_row, workbook, zip};

const MEMBERS: &str =
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,LAST_CHANGED,LEID,EUID,NOTES\n";

fn member(number: u32) -> String {
    format!(
        "p{number}@example.com,P,{number},3,2026-01-0{number} 08:15:00,,2026-01-0{number} 08:15:00,2026-02-01 10:00:00,{number},e{number},\n"
    )
}

/// Mailchimp says in the name of each file whether its members are subscribed.
#[test]
fn the_status_of_an_audience_is_in_the_names_of_its_files() {
    let files = [
        ("subscribed_members_export_a1b2.csv", [member(1), member(2), member(3)].concat()),
        ("unsubscribed_members_export_a1b2.csv", member(4)),
        ("cleaned_members_export_a1b2.csv", [member(5), member(6)].concat()),
    ];
    let files: Vec<(&str, String)> = files.into_iter().map(|(name, rows)| (name, format!("{MEMBERS}{rows}"))).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let members: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let packed = written(&folder, "audience.zip", zip(&members));
    let apart: Vec<String> = files.iter().map(|(name, text)| written(&folder, name, text)).collect();
    for inputs in [vec![packed.as_str()], apart.iter().map(String::as_str).collect()] {
        let document = common::compute(&[&inputs[..], &["--by", "status"]].concat());
        assert_eq!(document["total"]["measures"]["leads"], 6, "{inputs:?}");
        assert_eq!(document["inputs"].as_array().map(Vec::len), Some(3));
        for (status, leads) in [("subscribed", 3), ("unsubscribed", 1), ("cleaned", 2)] {
            let group = group(&document, &[("status", Some(status))]).unwrap_or_else(|| panic!("no {status} in {inputs:?}"));
            assert_eq!(group["measures"]["leads"], leads, "{status}");
        }
    }
    let inspected = run(&["inspect", &apart[2]]).answered().stdout.replace('\n', " ");
    assert!(inspected.contains("cleaned"), "{inspected}");
}

#[test]
fn sheets_and_json_are_normalized_without_repairs() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = text_row(&["Report of May", "", ""])
        + &text_row(&["Campaign", "Day", "Rate"])
        + r#"<row><c t="inlineStr"><is><t>A, b</t></is></c><c s="1"><v>43831</v></c><c s="2"><v>0.125</v></c></row>"#;
    let book = written(&folder, "book.xlsx", workbook(&rows, ""));
    let json = written(&folder, "rows.json", r#"[{"Campaign":"A, b","Day":"2020-01-01","Rate":12.50}]"#);
    for flags in [&[][..], &["--repair"]] {
        let ran = run(&[&["normalize", &book], flags].concat()).answered();
        assert_eq!(ran.stdout, "Campaign,Day,Rate\r\n\"A, b\",2020-01-01,12.5%\r\n");
        let ran = run(&[&["normalize", &json], flags].concat()).answered();
        assert_eq!(ran.stdout, "Campaign,Day,Rate\r\n\"A, b\",2020-01-01,12.50\r\n");
    }
}

/// There is no line to mend in a workbook or in JSON, and the error says where to go.
#[test]
fn what_is_wrong_in_a_sheet_or_in_json_is_for_its_own_program_to_correct() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = text_row(&["Campaign", "Sent", "Sent"]) + &text_row(&["A", "1", "2"]);
    let twice = written(&folder, "twice.xlsx", workbook(&rows, ""));
    let json = written(&folder, "broken.json", r#"[{"Campaign":"A","Sent":1}, {"Campaign":"B","Sent":}]"#);
    for (file, code) in [(&twice, "duplicate-column"), (&json, "bad-json")] {
        let ran = run(&["normalize", file, "--repair"]).refused(code);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("correct this in the program that wrote it"), "{}", ran.stderr);
    }
}
