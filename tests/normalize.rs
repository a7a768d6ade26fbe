//! `mak normalize`, end to end: what comes out, what is refused, what is repaired, each in words.

mod common;

use std::fs;

use common::{Ran, run, run_with_input};

fn strict(text: &str) -> Ran {
    run_with_input(&["normalize", "-"], text.as_bytes())
}

fn repaired(text: &str) -> Ran {
    run_with_input(&["normalize", "-", "--repair"], text.as_bytes())
}

#[test]
fn a_file_comes_out_as_the_standard_has_it_and_every_cell_as_it_was() {
    let ran =
        strict("\u{FEFF}Report of May\n\nCampaign;Sent;Note\n\"Spring; sale\";1.234,50;007\n\"two\nlines, \"\"so\"\"\";9;\n")
            .answered();
    assert_eq!(ran.stdout, "Campaign,Sent,Note\r\nSpring; sale,\"1.234,50\",007\r\n\"two\nlines, \"\"so\"\"\",9,\r\n");
    assert!(ran.stderr.contains("-:1: note[preamble]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 rows of 3 columns, header on line 3"), "{}", ran.stderr);
}

#[test]
fn what_comes_out_is_read_again_as_the_same() {
    let first = strict("a,b\n\"x, y\",\"say \"\"so\"\"\"\n5\" pipe,\n").answered();
    assert_eq!(strict(&first.stdout).answered().stdout, first.stdout);
}

#[test]
fn doubts_are_refused_with_their_lines() {
    let cases = [
        ("a,b\n1,2\n3\n4,5,6\n", &["-:3:", "-:4:"][..], "ragged-row"),
        ("a,b\n1,2\nA,B\n3,4\n", &["-:3:"], "second-table"),
        ("a,b\nname,count\nx,1\ny,2\n", &["-:2:"], "no-header"),
        ("1,2\n3,4\n", &["-:1:"], "no-header"),
        ("a,a\n1,2\n", &["-:1:"], "duplicate-column"),
        ("a,b\n1,say \"so\" again\n", &["-:2:"], "stray-quote"),
        ("first second\n1 2\n3 4\n", &["-:"], "unknown-dialect"),
        ("a,b,c\n1,2,3\nx,y,z\n4,5,6\n", &["-:3:"], "second-table"),
        ("", &["-:1:"], "empty-file"),
    ];
    for (text, places, code) in cases {
        let ran = strict(text).refused(code);
        assert_eq!(ran.stdout, "", "{text}");
        for place in places {
            assert!(ran.stderr.contains(place), "no {place} for {text:?} in: {}", ran.stderr);
        }
    }
}

#[test]
fn nothing_is_left_behind_when_a_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    fs::write(&input, "a,b\n1\n").expect("written");
    let (input, output) = (input.to_str().expect("UTF-8"), output.to_str().expect("UTF-8"));
    run(&["normalize", input, "-o", output]).refused("ragged-row");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    run(&["normalize", input, "-o", output, "--repair"]).refused("ragged-row");
    fs::write(input, "a,b\n1,2\n").expect("written");
    run(&["normalize", input, "-o", output]).answered();
    assert_eq!(fs::read_to_string(output).expect("written"), "a,b\r\n1,2\r\n");
    assert_eq!(run(&["normalize", input, "-o", input]).code, Some(2), "an input is not overwritten");
}

#[test]
fn a_first_row_of_data_is_written_as_one_when_told_so() {
    let ran = run_with_input(&["normalize", "-", "--no-header"], b"1;2\n3;4\n").answered();
    assert_eq!(ran.stdout, "1,2\r\n3,4\r\n");
}

#[test]
fn names_are_canonical_on_request() {
    let ran = run_with_input(&["normalize", "-", "--canonical"], b"Campaign,Impressions,Cost,Shade\nx,10,5,red\n").answered();
    assert_eq!(ran.stdout, "campaign,impressions,spend,Shade\r\nx,10,5,red\r\n");
    run_with_input(&["normalize", "-", "--canonical"], b"Shade,Shape\nred,7\n").refused("no-known-column");
}

const TABLE: &str = "Day,Code,Price,Name,Note\n\
    01/02/2026,AB-1,$4.10,\"Boots, low\",\n\
    02/02/2026,CD-2,$14.50,Hats and gloves,\n\
    03/02/2026,EF-3,$24.90,\"Scarf, red\",\n";

#[test]
fn repairs_are_listed_with_their_lines() {
    let good = "04/02/2026,GH-4,$9.99,\"Boots, high\",";
    let cases = [
        // A quote too many, inside and before a cell, with and without quotes around it.
        ("\"04/02/2026,GH-4,$9.99,\"Boots, high\",", "\"\"\"04/02/2026\",GH-4,$9.99,\"Boots, high\","),
        ("04/02/2026,GH-4,$9.99,\"Boots, 5\" high\",", "04/02/2026,GH-4,$9.99,\"Boots, 5\"\" high\","),
        // A separator too many and too few.
        ("04/02/2026,,GH-4,$9.99,\"Boots, high\",", good),
        ("04/02/2026,GH-4,$9.99,\"Boots, high\",,", good),
        ("04/02/2026,GH-4,$9.99,\"Boots, high\"", good),
        ("04/02/2026GH-4,$9.99,\"Boots, high\",", good),
        ("04/02/2026,GH-4,$9.99\"Boots, high\",", good),
        // Another separator on one line.
        ("04/02/2026;GH-4;$9.99;\"Boots, high\";", good),
        ("04/02/2026 GH-4 $9.99 \"Boots, high\" ", good),
    ];
    for (broken, mended) in cases {
        let text = format!("{TABLE}{broken}\n");
        assert_eq!(strict(&text).code, Some(2), "{broken}");
        let ran = repaired(&text).answered();
        assert_eq!(ran.stdout.lines().last(), Some(mended), "{broken}\n{}", ran.stderr);
        assert!(ran.stderr.contains("-:5: warning[repaired]"), "{broken}: {}", ran.stderr);
    }
}

#[test]
fn what_could_be_repaired_in_two_ways_is_refused() {
    // 12 and 3, or 1 and 23.
    repaired("Name,Sent,Clicks\nA x,12,3\nB x,1,23\nC x,123\n").refused("ragged-row");
    // A cell with text is never dropped.
    repaired(&format!("{TABLE}04/02/2026,GH-4,$9.99,\"Boots, high\",more,and more\n")).refused("ragged-row");
}

#[test]
fn headers_are_repaired_or_left_away_but_never_guessed() {
    let numbered = repaired("Sent,Clicks\nA,1,2\nB,3,4\n").answered();
    assert_eq!(numbered.stdout.lines().next(), Some("column_1,column_2,column_3"), "{}", numbered.stderr);
    let named = repaired("Name,,Name\nA,1,2\nB,3,4\n").answered();
    assert_eq!(named.stdout.lines().next(), Some("Name,column_2,Name_2"), "{}", named.stderr);
    let without = repaired("A,1,2\nB,3,4\n").answered();
    assert_eq!(without.stdout, "A,1,2\r\nB,3,4\r\n");
    let joined = repaired("Sent,Sent\nemail,sms\n1,2\n3,4\n").answered();
    assert_eq!(joined.stdout.lines().count(), 3, "{}", joined.stdout);
    let second = repaired("Name,Sent,Cost\nA,1,2\nWhat,How many,Why\nB,3,4\n").answered();
    assert_eq!(second.stdout, "Name,Sent,Cost\r\nA,1,2\r\n");
    assert!(second.stderr.contains("lines 3 to 4 are left out"), "{}", second.stderr);
}

#[test]
fn an_older_encoding_is_a_repair() {
    let text = b"Name,Sent\nCaf\xE9,1\n";
    run_with_input(&["normalize", "-"], text).refused("bad-encoding");
    let ran = run_with_input(&["normalize", "-", "--repair"], text).answered();
    assert_eq!(ran.stdout, "Name,Sent\r\nCafé,1\r\n");
    assert!(ran.stderr.contains("-:2: warning[repaired]"), "{}", ran.stderr);
}
