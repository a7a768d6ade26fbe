use super::super::layout::width;
use super::super::sample;
use super::*;

fn text(answer: &Compute, page: Page) -> String {
    String::from_utf8(Table.render(answer, &sample::catalogue(), &page).expect("no errors")).expect("UTF-8")
}

fn at(columns: usize) -> Page {
    Page { width: columns, ..Page::default() }
}

#[test]
fn show() {
    for w in [60, 80, 200] {
        println!("{}", "=".repeat(w));
        println!("{}", text(&sample::total(), at(w)));
    }
    for w in [60, 80, 200] {
        println!("{}", "=".repeat(w));
        println!("{}", text(&sample::groups(), at(w)));
    }
    println!("{}", text(&sample::groups(), Page { width: 80, color: true, verbose: true }));
}
