//! The report for people: one page that needs nothing beside it, no script and nothing from elsewhere. Light and
//! dark as the reader's screen is. Every text of the journal is escaped.

use super::tables::{Cell, Table, Tables};
use model::Money;
use std::fmt::Write;

const STYLE: &str = include_str!("report.css");

pub fn render(tables: &Tables) -> String {
    let mut page = String::from("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.push_str("<title>Risk report</title><style>");
    page.push_str(STYLE);
    page.push_str("</style></head><body><header><h1>Risk report</h1><p>");
    page.push_str(&escaped(&format!("after record {}, {} · {}", tables.seq, tables.time, tables.basis)));
    page.push_str("</p></header><main>");
    for table in &tables.all {
        section(table, &mut page);
    }
    page.push_str("</main></body></html>\n");
    page
}

fn section(table: &Table, page: &mut String) {
    write_to(page, format_args!("<section id=\"{}\"><h2>{}</h2>", table.name, escaped(&table.title)));
    if table.rows.is_empty() {
        page.push_str("<p class=\"none\">None.</p></section>");
        return;
    }
    page.push_str("<div class=\"wide\"><table><thead><tr>");
    for (column, first) in table.columns.iter().zip(table.rows.first().into_iter().flatten()) {
        write_to(page, format_args!("<th{}>{}</th>", class(first), escaped(column)));
    }
    page.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        page.push_str("<tr>");
        row.iter().for_each(|cell| write_cell(cell, page));
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></div></section>");
}

fn write_cell(cell: &Cell, page: &mut String) {
    let class = class(cell);
    match cell {
        Cell::Text(text) => write_to(page, format_args!("<td{}>{}</td>", tone(text), escaped(text))),
        Cell::Money(amount) => {
            let exact = escaped(&amount.to_string());
            let shown = rounded(*amount);
            let sign = if amount.is_negative() { " negative" } else { "" };
            write_to(page, format_args!("<td class=\"number{sign}\" title=\"{exact}\">{shown}</td>"));
        }
        Cell::Share(share) => write_to(page, format_args!("<td{class}>{:.1} %</td>", share * 100.0)),
        Cell::Use(text, share) => {
            let (percent, level) = (share.clamp(0.0, 1.0) * 100.0, level(*share));
            write_to(
                page,
                format_args!(
                    "<td class=\"use\"><div class=\"bar\"><i class=\"{level}\" style=\"width:{percent:.1}%\"></i>\
                     </div><span>{}</span></td>",
                    escaped(&shortened(text))
                ),
            );
        }
        Cell::Unknown(why) => write_to(page, format_args!("<td class=\"unknown\">{}</td>", escaped(why))),
    }
}

fn class(cell: &Cell) -> &'static str {
    match cell {
        Cell::Money(_) | Cell::Share(_) => " class=\"number\"",
        _ => "",
    }
}

/// Words that a reader looks for.
fn tone(text: &str) -> &'static str {
    match text {
        "critical" | "liquidating" | "open" => " class=\"bad\"",
        "warning" | "called" | "acknowledged" => " class=\"warn\"",
        "sound" | "resolved" => " class=\"good\"",
        _ => "",
    }
}

fn level(share: f64) -> &'static str {
    if share >= 0.9 {
        "bad"
    } else if share >= 0.7 {
        "warn"
    } else {
        "good"
    }
}

/// To two places and in groups of three; the exact number is in the title.
fn rounded(amount: Money) -> String {
    const CENT: i128 = Money::ONE.0 / 100;
    let size = amount.0.unsigned_abs();
    let cents = (size + CENT.unsigned_abs() / 2) / CENT.unsigned_abs();
    let digits = (cents / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount.is_negative() && cents > 0 { "−" } else { "" };
    format!("{sign}{grouped}.{:02}", cents % 100)
}

/// Long decimals cut to four places.
fn shortened(text: &str) -> String {
    let word = |word: &str| match word.split_once('.') {
        Some((whole, places)) if places.len() > 4 && places.chars().all(|digit| digit.is_ascii_digit()) => {
            format!("{whole}.{}", places.get(..4).unwrap_or(places))
        }
        _ => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

fn write_to(page: &mut String, what: std::fmt::Arguments<'_>) {
    page.write_fmt(what).expect("invariant: a string takes what is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_shown_in_groups_and_rounded() {
        for (amount, wanted) in [
            ("1234567.895", "1,234,567.90"),
            ("-999.994", "−999.99"),
            ("0", "0.00"),
            ("-0.001", "0.00"),
            ("100", "100.00"),
            ("1000", "1,000.00"),
        ] {
            assert_eq!(rounded(Money::parse(amount).unwrap()), wanted);
        }
    }

    #[test]
    fn no_text_of_the_journal_is_markup() {
        let cells = vec![Cell::Text("<script>\"&".to_owned())];
        let all = vec![Table { name: "x", title: "<b>".to_owned(), columns: vec!["c"], rows: vec![cells] }];
        let page = render(&Tables { seq: 1, time: String::new(), basis: "<i>".to_owned(), all });
        assert!(page.contains("&lt;script&gt;&quot;&amp;") && page.contains("&lt;b&gt;"));
        assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains("http"));
    }
}
