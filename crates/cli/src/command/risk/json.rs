//! The report for programs: one object, a list of rows for each table. Money is text and exact; what cannot be
//! said is an object with its reason.

use super::tables::{Cell, Table, Tables};
use anyhow::Result;
use serde_json::{Map, Value, json};

pub fn render(tables: &Tables) -> Result<String> {
    let mut whole = Map::new();
    whole.insert("record".to_owned(), tables.seq.into());
    whole.insert("time".to_owned(), tables.time.clone().into());
    whole.insert("basis".to_owned(), tables.basis.clone().into());
    for table in &tables.all {
        let rows: Vec<Value> = table.rows.iter().map(|cells| row(table, cells)).collect();
        whole.insert(table.name.to_owned(), rows.into());
    }
    let mut text = serde_json::to_string_pretty(&whole)?;
    text.push('\n');
    Ok(text)
}

fn row(table: &Table, cells: &[Cell]) -> Value {
    let named = table.columns.iter().zip(cells).map(|(column, cell)| (column.replace(' ', "_"), value(cell)));
    Value::Object(named.collect())
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => text.clone().into(),
        Cell::Money(amount) => amount.to_string().into(),
        Cell::Share(share) => json!(share),
        Cell::Use(text, share) => json!({ "text": text, "share": share }),
        Cell::Unknown(why) => json!({ "unknown": why }),
    }
}
