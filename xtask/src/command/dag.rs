//! `cargo x dag`: the dependency graph of the workspace against the rooms table in `docs/ARCHITECTURE.md`.
//!
//! The document is the rule: an arrow that the table does not allow, a crate without a row and a row without
//! a crate all fail. Arrows point to a lower floor, so no crate knows another on its own floor.
//! Absent: dev-dependencies; a test may look at anything.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Chore, take_no_args};
use crate::shell::{self, say};

pub const CHORE: Chore =
    Chore { name: "dag", args: "", help: "crates against the rooms table in docs/ARCHITECTURE.md", run };

const DOCUMENT: &str = "docs/ARCHITECTURE.md";
const HEADER: [&str; 4] = ["floor", "crate", "one line", "may depend on"];

/// Each crate of the workspace with the workspace crates it depends on.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, PartialEq, Eq)]
struct Room {
    /// None: beside the house, like `xtask`; nobody may depend on it.
    floor: Option<u8>,
    allowed: Allowed,
}

#[derive(Debug, PartialEq, Eq)]
enum Allowed {
    Any,
    Only(BTreeSet<String>),
}

fn run(args: &[String]) -> Result<()> {
    take_no_args("dag", args)?;
    check()
}

pub fn check() -> Result<()> {
    let document = std::fs::read_to_string(shell::root().join(DOCUMENT))
        .with_context(|| format!("cannot read {DOCUMENT}"))?;
    let metadata = shell::cargo_output(&["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    let graph = graph(&metadata)?;
    let findings = compare(&rooms(&document)?, &graph);
    if !findings.is_empty() {
        bail!("the crates are not as {DOCUMENT} draws them\n  {}", findings.join("\n  "));
    }
    say(&format!("dag: {} crates stand as {DOCUMENT} draws them", graph.len()));
    Ok(())
}

fn rooms(document: &str) -> Result<BTreeMap<String, Room>> {
    let mut rooms = BTreeMap::new();
    let mut inside = false;
    for line in document.lines() {
        let Some(cells) = cells(line) else {
            inside = false;
            continue;
        };
        if cells.starts_with(&HEADER) {
            inside = true;
        } else if inside && !cells[0].starts_with("--") {
            let [floor, name, _, allowed, ..] = cells.as_slice() else {
                bail!("{DOCUMENT}: a row of the rooms table is too short: {line}");
            };
            let room = Room { floor: parse_floor(floor)?, allowed: parse_allowed(allowed) };
            let name = name.trim_matches('`').to_owned();
            if rooms.insert(name.clone(), room).is_some() {
                bail!("{DOCUMENT}: `{name}` has two rows in the rooms table");
            }
        }
    }
    if rooms.is_empty() {
        bail!("{DOCUMENT} has no rooms table; its header is | {} |", HEADER.join(" | "));
    }
    Ok(rooms)
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

fn parse_floor(cell: &str) -> Result<Option<u8>> {
    if cell == "–" {
        return Ok(None);
    }
    cell.parse().map(Some).with_context(|| format!("{DOCUMENT}: `{cell}` is not a floor"))
}

fn parse_allowed(cell: &str) -> Allowed {
    match cell {
        "any" => Allowed::Any,
        "–" => Allowed::Only(BTreeSet::new()),
        list => Allowed::Only(list.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect()),
    }
}

fn graph(metadata: &Value) -> Result<Graph> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut graph = Graph::new();
    for package in packages {
        let name = package["name"].as_str().context("cargo metadata has a package without a name")?;
        let dependencies =
            package["dependencies"].as_array().context("cargo metadata lists no dependencies")?;
        let ours = dependencies
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .filter_map(|dependency| dependency["name"].as_str())
            .filter(|dependency| names.contains(dependency));
        graph.insert(name.to_owned(), ours.map(str::to_owned).collect());
    }
    Ok(graph)
}

fn compare(rooms: &BTreeMap<String, Room>, graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for name in rooms.keys().filter(|name| !graph.contains_key(*name)) {
        findings.push(format!("{name}: has a row in the rooms table but is not a crate; remove the row"));
    }
    for (name, dependencies) in graph {
        let Some(room) = rooms.get(name) else {
            findings.push(format!("{name}: is a crate without a row in the rooms table; add the row"));
            continue;
        };
        for dependency in dependencies {
            findings.extend(arrow(name, room, dependency, rooms.get(dependency)));
        }
    }
    findings
}

fn arrow(name: &str, room: &Room, dependency: &str, target: Option<&Room>) -> Option<String> {
    let target_floor = target?.floor;
    let listed = match &room.allowed {
        Allowed::Any => true,
        Allowed::Only(names) => names.contains(dependency),
    };
    let fault = match (room.floor, target_floor) {
        (_, None) => "that crate stands beside the house and nobody may depend on it",
        (Some(from), Some(to)) if to > from => "the arrow points up",
        (Some(from), Some(to)) if to == from => "both stand on one floor",
        _ if !listed => "the rooms table does not allow it",
        _ => return None,
    };
    Some(format!(
        "{name} → {dependency}: {fault}; move the code, or change the table and say why in docs/adr"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
| floor | crate | one line | may depend on | rule |
|---|---|---|---|---|
| 1 | `model` | words | – | pure |
| 2 | `engine` | rules | model | pure |
| 2 | `data` | past | model | files |
| 4 | `node` | now | engine, model | threads |
| 6 | `cli` | door | any | no logic |
| – | `tests` | all | any | – |

| floor | room | comes with |
|---|---|---|
| 5 | `api` | the front desk |
";

    const HOUSE: &[(&str, &[&str])] = &[
        ("model", &[]),
        ("engine", &["model"]),
        ("data", &["model"]),
        ("node", &["engine", "model"]),
        ("cli", &["node", "data"]),
        ("tests", &["node"]),
    ];

    /// The house above with one crate changed or added: the faults found.
    fn check(name: &str, dependencies: &[&str]) -> Vec<String> {
        let mut graph = Graph::new();
        for (name, dependencies) in HOUSE.iter().chain([&(name, dependencies)]) {
            graph.insert((*name).to_owned(), dependencies.iter().map(|d| (*d).to_owned()).collect());
        }
        let findings = compare(&rooms(TABLE).unwrap(), &graph);
        findings.iter().map(|finding| finding.split(';').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn planted_arrows_are_found() {
        assert_eq!(check("cli", &["node", "data"]), Vec::<String>::new());
        assert_eq!(check("model", &["engine"]), ["model → engine: the arrow points up"]);
        assert_eq!(check("engine", &["data"]), ["engine → data: both stand on one floor"]);
        assert_eq!(check("node", &["data"]), ["node → data: the rooms table does not allow it"]);
        let beside = "cli → tests: that crate stands beside the house and nobody may depend on it";
        assert_eq!(check("cli", &["tests"]), [beside]);
    }

    #[test]
    fn crates_and_rows_must_pair() {
        assert_eq!(check("api", &[]), ["api: is a crate without a row in the rooms table"]);
        let findings = compare(&rooms(TABLE).unwrap(), &Graph::new());
        assert_eq!(findings.len(), HOUSE.len());
        assert!(findings[0].contains("is not a crate"), "{findings:?}");
    }

    #[test]
    fn a_document_without_a_readable_table_is_an_error() {
        assert!(rooms("# The house").is_err());
        assert!(rooms(&TABLE.replace("| 1 |", "| cellar |")).is_err());
        assert!(rooms(&TABLE.replace("`data`", "`engine`")).is_err());
    }

    #[test]
    fn dev_dependencies_do_not_count() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "model", "dependencies": [{ "name": "engine", "kind": "dev" }, { "name": "serde", "kind": null }] },
            { "name": "engine", "dependencies": [{ "name": "model", "kind": null }] },
        ]});
        let graph = graph(&metadata).unwrap();
        assert!(graph["model"].is_empty());
        assert!(graph["engine"].contains("model"));
    }

    #[test]
    fn the_house_stands_as_drawn() {
        if let Err(error) = super::check() {
            panic!("{error:#}");
        }
    }
}
