//! The doors to a book and to a venue: every call that puts an order in, lets it trade or sends it out stands in
//! a function that takes an approval, or in the list below with its reason. A new way in is a finding until
//! somebody has said why it needs none; one that is gone is a finding too.

use super::source::{code_without_tests, line_at, word_positions};
use super::tree::Tree;

const ROOM: &str = "crates/engine/src/";

/// What opens one.
const DOORS: &[&str] = &[
    ".book.rest(",
    ".book.fill(",
    ".fill_front(",
    ".cross(",
    "Asks::Submit",
    "Asks::Replace",
    "VenueAsk::Submit",
    "VenueAsk::Replace",
    "Approved(",
];

/// Which function may pass a door without an approval in its hands, and why.
const KNOWN: &[(&str, &str, &str)] = &[
    (".fill_front(", "trade", "with what rests; only `cross` calls it, for an order that was approved"),
    (".fill_front(", "trade_standing", "in an auction both sides rest, each with an approval"),
    (".book.rest(", "replenish", "the rest of an iceberg, which was approved as a whole"),
    (".book.rest(", "rest_again", "a snapshot gives back what rested when it was taken"),
    ("Asks::Replace", "change_outside", "it has the changed order approved before it asks"),
    ("Asks::Replace", "ask_again_what_was_lost", "a change that was approved and did not arrive"),
    ("Asks::Submit", "request", "takes from the line what an approval put there"),
    ("Asks::Replace", "request", "the same for a change"),
    ("VenueAsk::Replace", "request", "the same"),
    ("VenueAsk::Submit", "submission", "the words of what `request` took from the line"),
];

pub fn approved(tree: &Tree, findings: &mut Vec<String>) {
    let mut met = vec![false; KNOWN.len()];
    for (path, text) in tree.with_ending(".rs").filter(|(path, _)| path.starts_with(ROOM)) {
        let code = code_without_tests(text);
        for door in DOORS {
            for (at, _) in code.match_indices(door) {
                let Some((name, signature)) = function_around(&code, at) else { continue };
                let known = KNOWN.iter().position(|(of, function, _)| of == door && *function == name);
                match known {
                    Some(known) => met[known] = true,
                    None if signature.contains("Approved<") => {}
                    None => findings.push(format!(
                        "{path}:{}: `{door}` in `{name}`, which takes no approval: take one, or name it in the \
                         list of tidy's doors with the reason",
                        line_at(&code, at)
                    )),
                }
            }
        }
    }
    let gone = KNOWN.iter().zip(met).filter(|(_, met)| !met);
    findings.extend(gone.map(|((door, name, _), _)| {
        format!("{ROOM}: `{name}` does not use `{door}` any more; take it off the list of tidy's doors")
    }));
}

/// The name and the signature of the function that holds an offset of code.
fn function_around(code: &str, at: usize) -> Option<(&str, &str)> {
    let start = word_positions(&code[..at], "fn").last()?;
    let rest = &code[start + 2..];
    let signature = &rest[..rest.find(['{', ';'])?];
    let name = signature.trim_start();
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some((&name[..end], signature))
}

#[cfg(test)]
mod tests {
    use super::super::planted;
    use super::{KNOWN, approved};

    const PATH: &str = "crates/engine/src/order/new.rs";

    /// What is found beside the list itself, none of which is in a planted tree.
    fn found(source: &str) -> Vec<String> {
        planted(approved, &[(PATH, source)]).into_iter().filter(|line| line.starts_with(PATH)).collect()
    }

    #[test]
    fn a_way_around_the_checks_is_found() {
        let source =
            "impl Engine { fn sneak(&mut self, order: &Proposal) { listed.book.rest(nodes, &order); } }";
        let findings = found(source);
        assert!(findings.len() == 1 && findings[0].contains("`sneak`"), "{findings:?}");
        let source =
            "impl Engine { fn enter(&mut self, of: Approved<&Proposal>) { listed.book.rest(nodes, &of); } }";
        assert_eq!(found(source), Vec::<String>::new());
    }

    #[test]
    fn what_is_on_the_list_and_gone_is_found() {
        assert_eq!(planted(approved, &[]).len(), KNOWN.len());
    }
}
