//! The report for spreadsheets: one line for each cell, so that all tables are one file of one shape.

use super::tables::{Cell, Tables};

pub fn render(tables: &Tables) -> String {
    let mut text = String::from("table,row,figure,value,share\n");
    for table in &tables.all {
        for (nth, cells) in table.rows.iter().enumerate() {
            for (column, cell) in table.columns.iter().zip(cells) {
                let (value, share) = parts(cell);
                let fields = [table.name, &(nth + 1).to_string(), column, &value, &share].map(quoted);
                text.push_str(&fields.join(","));
                text.push('\n');
            }
        }
    }
    text
}

fn parts(cell: &Cell) -> (String, String) {
    match cell {
        Cell::Text(text) => (text.clone(), String::new()),
        Cell::Money(amount) => (amount.to_string(), String::new()),
        Cell::Share(share) => (share.to_string(), share.to_string()),
        Cell::Use(text, share) => (text.clone(), share.to_string()),
        Cell::Unknown(why) => (format!("unknown: {why}"), String::new()),
    }
}

/// As RFC 4180 has it. What a spreadsheet would take for a formula is made text.
fn quoted(field: &str) -> String {
    let number = field.parse::<f64>().is_ok();
    let formula = !number && field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    #[test]
    fn fields_stay_fields_and_no_formula_runs() {
        for (field, wanted) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("-5.5", "-5.5"),
        ] {
            assert_eq!(super::quoted(field), wanted);
        }
    }
}
