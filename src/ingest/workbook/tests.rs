//! Workbooks through `sheets`: written by hand, and by other programs.

use super::*;
use crate::ingest::archive::tests::pack;
use crate::ingest::sheet::{Overrides, Sheet, sheets};
use crate::ingest::source::Source;

const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
const ROOT: (&str, &[u8]) = (
    "_rels/.rels",
    br#"<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
);
const PARTS: (&str, &[u8]) = (
    "xl/_rels/workbook.xml.rels",
    br#"<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="st" Type="http://x/styles" Target="styles.xml"/><Relationship Id="ss" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
);
const BOOK: &str = r#"<?xml version="1.0"?><workbook><workbookPr/><sheets><sheet name="Campaigns" r:id="s1"/><sheet name="Notes" state="hidden" r:id="s2"/></sheets></workbook>"#;
const STYLES: (&str, &[u8]) = (
    "xl/styles.xml",
    br#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy"/><numFmt numFmtId="165" formatCode="[$&#8364;-407] #,##0.00"/></numFmts><cellStyleXfs><xf numFmtId="10"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="10"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>"#,
);
const STRINGS: (&str, &[u8]) = (
    "xl/sharedStrings.xml",
    br#"<sst><si><t>Campaign</t></si><si><r><t>Spring </t></r><r><t xml:space="preserve">&amp; more</t></r><rPh><t>no</t></rPh></si></sst>"#,
);

fn xlsx_with(book: &str, sheet: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
    pack(&[
        TYPES,
        ROOT,
        ("xl/workbook.xml", book.as_bytes()),
        PARTS,
        STYLES,
        STRINGS,
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/worksheets/sheet2.xml", b"<worksheet/>"),
    ])
}

fn xlsx(sheet: &str) -> Vec<u8> {
    xlsx_with(BOOK, sheet)
}

fn ods(table: &str) -> Vec<u8> {
    let content = format!(
        r#"<office:document-content><office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet><table:tracked-changes><table:table-cell/></table:tracked-changes><table:table table:name="Campaigns">{table}</table:table><table:table table:name="Old" table:style-name="ta2"/></office:spreadsheet></office:body></office:document-content>"#
    );
    pack(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

fn opened(bytes: &[u8]) -> Result<Sheet, Finding> {
    let mut sheets = sheets(&Source::spool("book", bytes)?, &Overrides::default())?;
    assert_eq!(sheets.len(), 1);
    Ok(sheets.remove(0))
}

type Rows = Vec<(u64, Vec<String>)>;

fn rows(sheet: &Sheet) -> Result<Rows, Finding> {
    let mut records = sheet.records()?;
    let mut record = Record::default();
    let mut rows = Vec::new();
    while records.read(&mut record)? {
        rows.push((record.line(), record.iter().map(str::to_owned).collect()));
    }
    Ok(rows)
}

fn read(bytes: &[u8]) -> Result<Rows, Finding> {
    rows(&opened(bytes)?)
}

fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    read(bytes).unwrap().into_iter().map(|(_, cells)| cells).collect()
}

#[test]
fn cells_of_every_kind_become_the_text_that_says_what_they_are() {
    let sheet = r#"
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Rate</t></is></c><c t="str"><f>"D"&amp;"ay"</f><v>Day</v></c><c r="D1" t="inlineStr"><is><t>Cost</t></is></c><c r="E1" s="3"/></row>
        <row r="2" spans="1:4"><c r="A2" t="s"><v>1</v></c><c r="B2" s="1"><v>0.27779999999999999</v></c><c r="C2" s="2"><v>45292</v></c><c r="D2" s="3"><v>12.50</v></c></row>
        <row r="4"><c r="B4"><f>B2*2</f><v>0.5556</v></c><c r="D4" t="b"><v>1</v></c></row>
        <row r="900000"><c r="B900000" s="1"/></row>"#;
    let expected: Rows = vec![
        (1, vec!["Campaign".into(), "Rate".into(), "Day".into(), "Cost".into()]),
        (2, vec!["Spring & more".into(), "27.78%".into(), "2024-01-01".into(), "€12.50".into()]),
        (4, vec![String::new(), "0.5556".into(), String::new(), "true".into()]),
    ];
    let sheet = opened(&xlsx(sheet)).unwrap();
    for _ in 0..2 {
        assert_eq!(rows(&sheet).unwrap(), expected);
    }
    assert_eq!(sheet.part().map(|part| &**part), Some("Campaigns"));
    assert!(sheet.notes()[0].parts().message.contains("\"Notes\""));
}

#[test]
fn days_count_from_1904_where_the_workbook_says_so() {
    let sheet = r#"<row><c t="inlineStr"><is><t>Day</t></is></c></row><row><c s="2"><v>43830</v></c></row>"#;
    let book = BOOK.replace("<workbookPr/>", r#"<workbookPr date1904="1"/>"#);
    assert_eq!(cells(&xlsx_with(&book, sheet)), [["Day"], ["2024-01-01"]]);
}

#[test]
fn cells_without_a_value_are_refused_by_name() {
    for (cell, word) in [
        (r#"<c r="B2" t="e"><v>#DIV/0!</v></c>"#, "error"),
        (r#"<c r="B2"><f>A1</f></c>"#, "formula"),
        (r#"<c r="B2"><f>A1</f><v></v></c>"#, "formula"),
        (r#"<c r="B2" s="2"><v>60</v></c>"#, "calendar"),
        (r#"<c r="B2"><v>1,5</v></c>"#, "number"),
        (r#"<c r="B2" t="s"><v>7</v></c>"#, "text"),
    ] {
        let finding = read(&xlsx(&format!(r#"<row r="2"><c r="A2"><v>1</v></c>{cell}</row>"#))).unwrap_err();
        assert_eq!(finding.code(), Code::BadCell, "{finding}");
        let place = &finding.parts().place;
        assert_eq!((place.part.as_deref(), place.line, place.column), (Some("Campaigns"), Some(2), Some(2)));
        assert!(finding.parts().message.contains("B2") && finding.parts().message.contains(word), "{finding}");
    }
    assert_eq!(cells(&xlsx(r#"<row><c t="str"><f>""</f><v></v></c><c><v>1</v></c></row>"#)), [["", "1"]]);
}

#[test]
fn what_is_damaged_or_out_of_proportion_is_refused() {
    for (sheet, code) in [
        (r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#, Code::TooLarge),
        (r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>"#, Code::TooLarge),
        (r#"<row r="1"><c r="XFE1"><v>1</v></c></row>"#, Code::TooLarge),
        (r#"<row r="2"/><row r="1"/>"#, Code::BadContainer),
        (r#"<row r="1"><c r="B1"/><c r="A1"/></row>"#, Code::BadContainer),
        (r#"<row r="1"><c r="A2"/></row>"#, Code::BadContainer),
        (r#"<row r="1"><c><v>&evil;</v></c></row>"#, Code::BadContainer),
        (r#"<row r="1"><c></row>"#, Code::BadContainer),
    ] {
        let finding = read(&xlsx(sheet)).unwrap_err();
        assert_eq!(finding.code(), code, "{finding}");
    }
    let declared = BOOK.replace("<workbook>", r#"<!DOCTYPE x [<!ENTITY a "b">]><workbook>"#);
    assert!(read(&xlsx_with(&declared, "<row/>")).unwrap_err().parts().message.contains("document type"));
    assert_eq!(read(&xlsx("<row r=\"1\"/>")).unwrap_err().code(), Code::EmptyFile);
    let swollen = format!("<row r=\"1\"><c><v>{}</v></c></row>", "1".repeat(17 * 1024 * 1024));
    assert_eq!(read(&xlsx(&swollen)).unwrap_err().code(), Code::TooLarge);
}

#[test]
fn other_office_documents_are_named() {
    let root =
        br#"<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>"#;
    assert_eq!(read(&pack(&[TYPES, ("_rels/.rels", root)])).unwrap_err().code(), Code::NotText);
    let text = pack(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>")]);
    assert_eq!(read(&text).unwrap_err().code(), Code::NotText);
}

#[test]
fn open_document_cells() {
    let table = r#"
        <table:table-column/><table:table-header-rows><table:table-row><table:table-cell office:value-type="string"><text:p>Campaign</text:p></table:table-cell><table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>x<text:s text:c="2"/>y</text:p><office:annotation><text:p>no</text:p></office:annotation></table:table-cell><table:table-cell table:number-columns-repeated="16381"/></table:table-row></table:table-header-rows>
        <table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="percentage" office:value="0.123"><text:p>12 %</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2026-03-08T09:30:00"/><table:table-cell office:value-type="currency" office:currency="EUR" office:value="12.5"/></table:table-row>
        <table:table-row><table:table-cell/><table:table-cell office:value-type="float" office:value="0.30000000000000004"/><table:covered-table-cell office:value-type="time" office:time-value="PT09H05M00S"/></table:table-row>
        <table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;
    let sheet = opened(&ods(table)).unwrap();
    let lines: Vec<u64> = rows(&sheet).unwrap().iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 3, 4]);
    let same = ["12.3%", "2026-03-08T09:30:00", "EUR 12.5"];
    assert_eq!(cells(&ods(table)), [["Campaign", "x  y", "x  y"], same, same, ["", "0.30000000000000004", "09:05:00"]]);
    assert!(sheet.notes()[0].parts().message.contains("\"Old\""));
    for cell in [
        r#"<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>"#,
        r#"<table:table-cell table:formula="of:=A1"/>"#,
    ] {
        let finding = read(&ods(&format!("<table:table-row>{cell}</table:table-row>"))).unwrap_err();
        assert_eq!((finding.code(), finding.parts().place.line), (Code::BadCell, Some(1)), "{finding}");
    }
}

#[test]
fn workbooks_and_texts_are_read_inside_archives_and_compression() {
    let book = xlsx(r#"<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c><v>1</v></c></row>"#);
    let zip = pack(&[("folder/a.csv", b"a;b\n1;2\n"), ("book.xlsx", &book), ("empty.csv", b"\n"), ("logo.svg", b"<svg/>")]);
    for bytes in [zip.clone(), zstd::encode_all(&zip[..], 1).unwrap()] {
        let sheets = sheets(&Source::spool("all.zip", &bytes[..]).unwrap(), &Overrides::default()).unwrap();
        let parts: Vec<&str> = sheets.iter().map(|sheet| &**sheet.part().unwrap()).collect();
        assert_eq!(parts, ["folder/a.csv", "book.xlsx!Campaigns"]);
        assert_eq!(rows(&sheets[0]).unwrap()[1].1, ["1", "2"]);
        assert_eq!(rows(&sheets[1]).unwrap()[1].1, ["1"]);
        assert_eq!(rows(&sheets[0]).unwrap()[1].1, ["1", "2"]);
        let note = &sheets[0].notes()[0].parts().message;
        assert!(note.contains("logo.svg") && note.contains("empty.csv (empty)"), "{note}");
    }
    let refused = |bytes: &[u8]| sheets(&Source::spool("z", bytes).unwrap(), &Overrides::default()).unwrap_err().code();
    assert_eq!(refused(&pack(&[("inner.csv", &zip)])), Code::BadContainer);
    assert_eq!(refused(&pack(&[("notes.md", b"x")])), Code::NoFiles);
    let mut cut = zstd::encode_all(&b"campaign,clicks\n".repeat(10_000)[..], 1).unwrap();
    cut.truncate(cut.len() / 2);
    assert_eq!(refused(&cut), Code::BadContainer);
}

#[test]
fn a_workbook_of_another_program_is_read() {
    let script = r#"
import sys, datetime
try:
    import openpyxl
except ImportError:
    sys.exit(7)
book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Export"
sheet.append(["Campaign", "Open rate", "Day", "Spend", "When"])
sheet.append(["Ünïcode, \"quoted\"\nline", 0.123, datetime.date(2026, 3, 8), 1.1, datetime.datetime(2026, 3, 8, 9, 30)])
sheet["B2"].number_format = "0.0%"
sheet["D2"].number_format = '"$"0.00'
sheet.row_dimensions[2].hidden = True
book.save(sys.argv[1])
"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let made = std::process::Command::new("python3").arg("-c").arg(script).arg(&path).output();
    if !made.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: python3 with openpyxl is not here");
        return;
    }
    let sheets = sheets(&Source::file(&path).unwrap(), &Overrides::default()).unwrap();
    assert_eq!(
        rows(&sheets[0]).unwrap()[1].1,
        ["Ünïcode, \"quoted\"\nline", "12.3%", "2026-03-08", "$1.1", "2026-03-08T09:30:00"]
    );
    assert!(sheets[0].notes()[0].parts().message.contains("1 hidden rows"));
}

proptest::proptest! {
    #[test]
    fn any_damage_to_a_sheet_is_read_or_refused(at in 0_usize..300, byte in 32_u8..127) {
        let mut sheet = br#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="1"><v>0.5</v></c><c r="B2" s="2"><v>45292.5</v></c><c t="inlineStr"><is><t>x</t></is></c></row>"#.to_vec();
        let end = sheet.len();
        sheet[at % end] = byte;
        let _ = read(&xlsx(std::str::from_utf8(&sheet).unwrap()));
    }
}
