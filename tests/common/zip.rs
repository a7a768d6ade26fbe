//! Zip archives made by the tests themselves.

use std::io::Write as _;

/// An archive of those members, deflated, each under exactly that name.
pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).expect("in memory");
        let data = encoder.finish().expect("in memory");
        let offset = length(&bytes);
        let mut common = Vec::new();
        common.extend([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
        common.extend(crc.sum().to_le_bytes());
        common.extend(length(&data).to_le_bytes());
        common.extend(length(content).to_le_bytes());
        common.extend(u16::try_from(name.len()).expect("a short name").to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(&data);
        list.extend(b"PK\x01\x02");
        list.extend([20, 3]);
        list.extend(&common);
        list.extend([0; 6]);
        list.extend((0o100_644_u32 << 16).to_le_bytes());
        list.extend(offset.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let offset = length(&bytes);
    bytes.extend(&list);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    let count = u16::try_from(members.len()).expect("few members").to_le_bytes();
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(length(&list).to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// A workbook of one sheet, `Campaigns`, with those rows in XML; the second style is a date, the third a percentage.
pub(crate) fn workbook(rows: &str, properties: &str) -> Vec<u8> {
    let book = format!(
        r#"<workbook><workbookPr {properties}/><sheets><sheet name="Campaigns" sheetId="1" r:id="s1"/></sheets></workbook>"#
    );
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        (
            "_rels/.rels",
            br#"<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        ("xl/workbook.xml", book.as_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            br#"<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="st" Type="http://x/styles" Target="styles.xml"/></Relationships>"#,
        ),
        (
            "xl/styles.xml",
            br#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/></cellXfs></styleSheet>"#,
        ),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A row of text cells.
pub(crate) fn text_row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!(r#"<c t="inlineStr"><is><t>{cell}</t></is></c>"#)).collect();
    format!("<row>{}</row>", cells.concat())
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a small archive")
}
