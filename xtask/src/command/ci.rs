//! `cargo x ci`: exactly what CI runs, cheapest first; the first failure stops and says how to run it alone.

use std::time::Instant;

use anyhow::{Context, Result};

use super::{Chore, bench, check, dag, schema, sim, take_no_args, test, tidy};
use crate::shell::say;

pub const CHORE: Chore = Chore { name: "ci", args: "", help: "exactly what CI runs", run };

struct Step {
    name: &'static str,
    alone: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", alone: "cargo fmt --all", run: check::format },
    Step { name: "dag", alone: "cargo x dag", run: dag::check },
    Step { name: "tidy", alone: "cargo x tidy", run: tidy::check },
    Step { name: "clippy", alone: "cargo x check", run: check::clippy },
    Step { name: "tests", alone: "cargo x test", run: test::all },
    Step {
        name: "golden digest, not optimised",
        alone: "cargo test -p tests --test it the_golden_digest",
        run: test::golden_unoptimised,
    },
    Step { name: "simulator", alone: "cargo x sim", run: sim::default_seeds },
    Step { name: "schema", alone: "cargo x schema", run: schema::short },
    Step { name: "bench smoke", alone: "cargo x bench --smoke", run: bench::smoke },
];

fn run(args: &[String]) -> Result<()> {
    take_no_args("ci", args)?;
    walk(STEPS)
}

fn walk(steps: &[Step]) -> Result<()> {
    for (passed, step) in steps.iter().enumerate() {
        say(&format!("── {}", step.name));
        let start = Instant::now();
        let outcome = (step.run)();
        let seconds = start.elapsed().as_secs_f64();
        if outcome.is_err() {
            say(&format!("── {} failed after {seconds:.1} s\n{passed} passed, 1 failed", step.name));
            return outcome
                .with_context(|| format!("step `{}` failed; run it alone: {}", step.name, step.alone));
        }
        say(&format!("── {} passed in {seconds:.1} s", step.name));
    }
    say(&format!("{} passed, 0 failed", steps.len()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_stops_the_walk_and_says_how_to_run_it_alone() {
        let steps = [
            Step { name: "first", alone: "-", run: || Ok(()) },
            Step { name: "second", alone: "cargo x second", run: || anyhow::bail!("broken") },
            Step { name: "third", alone: "-", run: || panic!("must not run") },
        ];
        let error = format!("{:#}", walk(&steps).unwrap_err());
        assert_eq!(error, "step `second` failed; run it alone: cargo x second: broken");
    }
}
