//! The figures of one tape: algos against their goals, and what each cost.

use super::cost::{Averages, Cost, worse_bp};
use super::tape::Tape;
use super::trial::{Outcome, Task};
use crate::Figure;
use analytics::schedule::{Urgency, VolumeProfile};
use model::{Algo, Rate, Side, Slice, Time};

const SECOND: i64 = 1_000_000_000;
/// Children of a schedule, and buckets of a profile.
const SLICES: u32 = 12;
const BUCKETS: i64 = 6;
/// A parent is this share of what a window before it traded.
const PART_OF_VOLUME: f64 = 0.05;
/// In a thin market it is much of it.
const PART_OF_THIN: f64 = 0.5;
/// Of the market's volume, for the algo that takes a part.
const PARTICIPATION: Rate = Rate(100_000_000);
/// How many times smaller a thin market is.
const THINNER: i64 = 20;
/// The urgency of the shortfall schedule: 72 % done at half time.
const URGENCY: Urgency = Urgency(2.0);
/// Windows without a shape that are mixed into a profile of few windows.
const FLAT: f64 = 1.0;

/// How many starts: all that there are, or every fifth.
pub(crate) const DENSE: usize = 1;
pub(crate) const SPARSE: usize = 5;

pub(crate) struct Study<'a> {
    tape: &'a Tape,
    averages: Averages<'a>,
    window: i64,
    starts: Vec<Time>,
}

/// One trial with its cost.
pub(crate) struct Trial<'a> {
    pub task: Task<'a>,
    pub outcome: Outcome,
    pub cost: Cost,
}

impl<'a> Study<'a> {
    /// Windows are a sixth of the tape; the first starts after two of them, for there must be a past.
    pub fn new(tape: &'a Tape, every: usize) -> Self {
        let whole = tape.ends().0 - tape.begins().0;
        let window = whole / 6 / SECOND * SECOND;
        let first = tape.begins().0 + 2 * window;
        let step = usize::try_from(window / 6).expect("invariant: a tape is shorter than a century");
        let starts = (first..=tape.ends().0 - window).step_by(step).step_by(every).map(Time);
        Self { tape, averages: Averages::new(tape), window, starts: starts.collect() }
    }

    pub fn figures(&self) -> Vec<Figure> {
        let twap = self.trials(1, |_| Some(Algo::Twap { slices: SLICES }));
        let vwap = self.trials(1, |start| Some(Algo::Vwap { profile: self.profile(start) }));
        let knowing = self.trials(1, |start| Some(Algo::Vwap { profile: self.known_future(start) }));
        let pov = self.trials(1, |_| Some(Algo::Pov { rate: PARTICIPATION }));
        let urgent = |start: Time| URGENCY.slices(start, self.end(start), SLICES).expect("a sound schedule");
        let thin =
            self.trials(THINNER, |start| Some(Algo::ImplementationShortfall { schedule: urgent(start) }));
        let thin_market = self.trials(THINNER, |_| None);
        let mut figures = self.of_replay(&twap);
        figures.extend(self.of_schedules(&twap, &vwap, &knowing));
        figures.extend(self.of_participation(&self.taking_part()));
        figures.extend(self.of_thin(&thin, &thin_market));
        let all = [
            ("twap", twap),
            ("vwap", vwap),
            ("pov", pov),
            ("thin_shortfall", thin),
            ("thin_market", thin_market),
        ];
        let off = all.iter().flat_map(|(_, trials)| trials).filter(|trial| !trial.sums()).count();
        figures.push(self.figure("cost_parts_off", off as f64, "runs").at_most(0.0));
        figures.extend(all.iter().flat_map(|(name, trials)| self.of_costs(name, trials)));
        figures
    }

    fn end(&self, start: Time) -> Time {
        Time(start.0 + self.window)
    }

    fn trials(&self, thinner: i64, algo: impl Fn(Time) -> Option<Algo>) -> Vec<Trial<'a>> {
        let part = if thinner == 1 { PART_OF_VOLUME } else { PART_OF_THIN / thinner as f64 };
        self.run(thinner, part, algo)
    }

    /// The parent is all that the market traded before, so that it does not end early.
    fn taking_part(&self) -> Vec<Trial<'a>> {
        self.run(1, 1.0, |_| Some(Algo::Pov { rate: PARTICIPATION }))
    }

    fn run(&self, thinner: i64, part: f64, algo: impl Fn(Time) -> Option<Algo>) -> Vec<Trial<'a>> {
        let starts = self.starts.iter().flat_map(|start| [(*start, Side::Buy), (*start, Side::Sell)]);
        let trial = |(start, side)| {
            let (end, qty) = (self.end(start), self.part_of_past(start, part));
            let task = Task { tape: self.tape, start, end, side, qty, thinner, algo: algo(start) };
            let outcome = task.run(&plan(&task));
            let cost = Cost::of(&task, &outcome);
            Trial { task, outcome, cost }
        };
        starts.map(trial).collect()
    }

    /// This share of what an average window before the start traded.
    fn part_of_past(&self, start: Time, part: f64) -> i64 {
        let volume: i64 = self.tape.trades(Time::MIN, start).map(|(.., qty)| qty).sum();
        let windows = (start.0 - self.tape.begins().0) as f64 / self.window as f64;
        let lots = (volume as f64 / windows * part).round().max(f64::from(SLICES));
        #[expect(clippy::cast_possible_truncation, reason = "whole and far below 2⁶³")]
        let lots = lots as i64;
        lots
    }

    /// From the windows that were over when it started.
    fn profile(&self, start: Time) -> Vec<Slice> {
        let past = (start.0 - self.tape.begins().0) / self.window;
        let windows = (1..=past).rev().map(|back| self.buckets(Time(start.0 - back * self.window)));
        self.slices(start, &windows.collect::<Vec<_>>(), FLAT)
    }

    /// From the very window that it works in, which nobody can know.
    fn known_future(&self, start: Time) -> Vec<Slice> {
        self.slices(start, &[self.buckets(start)], 0.0)
    }

    fn slices(&self, start: Time, history: &[Vec<u64>], flat: f64) -> Vec<Slice> {
        let profile = VolumeProfile::from_history(start, self.window, history, flat);
        let slices = profile.and_then(|profile| profile.slices(start, self.end(start), SLICES));
        slices.expect("a window in which something traded")
    }

    fn buckets(&self, start: Time) -> Vec<u64> {
        let at = |number: i64| Time(start.0 + self.window * number / BUCKETS);
        let volume =
            |number| self.tape.trades(at(number), at(number + 1)).map(|(.., qty)| qty.unsigned_abs()).sum();
        (0..BUCKETS).map(volume).collect()
    }

    fn figure(&self, name: &str, value: f64, unit: &'static str) -> Figure {
        Figure::new(format!("{}_{name}", self.tape.name), value, unit)
    }

    /// How well the replay holds what was recorded.
    fn of_replay(&self, trials: &[Trial<'_>]) -> Vec<Figure> {
        let sum = |of: fn(&Outcome) -> i64| trials.iter().map(|trial| of(&trial.outcome)).sum::<i64>() as f64;
        let matched = 100.0 * sum(|outcome| outcome.matched) / sum(|outcome| outcome.recorded);
        vec![
            self.figure("runs", trials.len() as f64, "runs an algo"),
            self.figure("window_s", (self.window / SECOND) as f64, "s"),
            self.figure("recorded_volume_met_pct", matched, "%"),
        ]
    }

    fn of_schedules(&self, twap: &[Trial<'_>], vwap: &[Trial<'_>], knowing: &[Trial<'_>]) -> Vec<Figure> {
        let off = |trials: &[Trial<'_>]| largest(trials, |trial| trial.share(trial.outcome.off_plan_max));
        let [by_time, by_volume] = [self.against_vwap(twap), self.against_vwap(vwap)];
        let naive = self.against_vwap(&self.trials(1, |_| None));
        vec![
            self.figure("twap_off_schedule_max_pct", off(twap), "%").at_most(1.0),
            self.figure("twap_off_line_max_pct", largest(twap, |trial| trial.off_line()), "%"),
            self.figure("vwap_off_schedule_max_pct", off(vwap), "%").at_most(1.0),
            self.figure("vwap_vs_vwap_mean_bp", mean(&by_volume), "bp").at_most(2.0),
            self.figure("vwap_vs_vwap_abs_bp", mean_abs(&by_volume), "bp").at_most(2.0),
            self.figure("vwap_known_future_abs_bp", mean_abs(&self.against_vwap(knowing)), "bp"),
            self.figure("twap_vs_vwap_abs_bp", mean_abs(&by_time), "bp"),
            self.figure("market_vs_vwap_abs_bp", mean_abs(&naive), "bp"),
        ]
    }

    fn against_vwap(&self, trials: &[Trial<'_>]) -> Vec<f64> {
        let each = trials.iter().filter_map(|trial| {
            let average = self.averages.vwap(trial.task.start, trial.task.end)?;
            Some(worse_bp(&trial.task, &trial.outcome, average))
        });
        each.collect()
    }

    fn of_participation(&self, trials: &[Trial<'_>]) -> Vec<Figure> {
        let goal = PARTICIPATION.0 as f64 / Rate::ONE.0 as f64;
        let off = |trial: &Trial<'_>| {
            100.0 * (trial.outcome.done as f64 / trial.outcome.volume.max(1) as f64 - goal).abs()
        };
        let mean = trials.iter().map(off).sum::<f64>() / trials.len() as f64;
        vec![
            self.figure("pov_off_rate_mean_pct", mean, "% of volume").at_most(1.0),
            self.figure("pov_off_rate_max_pct", largest(trials, off), "% of volume"),
        ]
    }

    /// Fees are those of both, so they are left out.
    fn of_thin(&self, shortfall: &[Trial<'_>], market: &[Trial<'_>]) -> Vec<Figure> {
        let cost = |trials: &[Trial<'_>]| {
            mean(
                &trials
                    .iter()
                    .map(|trial| trial.cost.bp(trial.cost.total - trial.cost.fees))
                    .collect::<Vec<_>>(),
            )
        };
        let (worked, at_once) = (cost(shortfall), cost(market));
        vec![
            self.figure("thin_shortfall_bp", worked, "bp"),
            self.figure("thin_market_order_bp", at_once, "bp"),
            self.figure("thin_shortfall_vs_market", worked / at_once, "x").at_most(1.0),
        ]
    }

    /// The mean of each part, and the averages of the market beside it.
    fn of_costs(&self, name: &str, trials: &[Trial<'_>]) -> Vec<Figure> {
        let each = |of: &dyn Fn(&Trial<'_>) -> f64| mean(&trials.iter().map(of).collect::<Vec<_>>());
        let mut figures = vec![self.figure(
            &format!("{name}_cost_bp"),
            each(&|trial| trial.cost.bp(trial.cost.total)),
            "bp of arrival",
        )];
        for (at, (part, _)) in Cost::default().parts().into_iter().enumerate() {
            let value = each(&|trial| trial.cost.bp(trial.cost.parts()[at].1));
            figures.push(self.figure(&format!("{name}_{part}_bp"), value, "bp"));
        }
        let vwap = mean(&self.against_vwap(trials));
        let twap = each(&|trial| {
            let average = self.averages.twap(trial.task.start, trial.task.end);
            average.map_or(0.0, |average| worse_bp(&trial.task, &trial.outcome, average))
        });
        figures.push(self.figure(&format!("{name}_over_vwap_bp"), vwap, "bp"));
        figures.push(self.figure(&format!("{name}_over_twap_bp"), twap, "bp"));
        let children = each(&|trial| f64::from(trial.outcome.children));
        figures.push(self.figure(&format!("{name}_children"), children, "a parent"));
        let refused = each(&|trial| f64::from(trial.outcome.refused));
        figures.push(self.figure(&format!("{name}_refused"), refused, "a parent").at_most(0.0));
        figures
    }
}

impl Trial<'_> {
    fn sums(&self) -> bool {
        self.cost.parts().iter().map(|(_, part)| part).sum::<i128>() == self.cost.total
    }

    /// Of the parent, in percent.
    fn share(&self, lots: i64) -> f64 {
        100.0 * lots as f64 / self.task.qty as f64
    }

    /// The most by which it was off a straight line at any moment.
    fn off_line(&self) -> f64 {
        let (start, span) = (self.task.start, (self.task.end.0 - self.task.start.0) as f64);
        let (mut done, mut off) = (0, 0.0f64);
        for fill in &self.outcome.fills {
            let line = 100.0 * (fill.time.0 - start.0) as f64 / span;
            off = off.max((self.share(done) - line).abs());
            done += fill.qty;
            off = off.max((self.share(done) - line).abs());
        }
        off.max(100.0 - self.share(done))
    }
}

/// What is to be done by when, worked out apart from the engine.
fn plan(task: &Task<'_>) -> Vec<(Time, i64)> {
    let lots = |rate: Rate| {
        let lots = i128::from(task.qty) * i128::from(rate.0) / i128::from(Rate::ONE.0);
        i64::try_from(lots).expect("invariant: no more than the parent")
    };
    match &task.algo {
        Some(Algo::Twap { slices }) => {
            let slices = i64::from(*slices);
            let at = |number| Time(task.start.0 + (task.end.0 - task.start.0) * number / slices);
            (1..=slices).map(|number| (at(number), task.qty * number / slices)).collect()
        }
        Some(Algo::Vwap { profile: slices } | Algo::ImplementationShortfall { schedule: slices }) => {
            slices.iter().map(|slice| (slice.at, lots(slice.done))).collect()
        }
        _ => Vec::new(),
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn mean_abs(values: &[f64]) -> f64 {
    mean(&values.iter().map(|value| value.abs()).collect::<Vec<_>>())
}

fn largest(trials: &[Trial<'_>], of: impl Fn(&Trial<'_>) -> f64) -> f64 {
    trials.iter().map(of).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::{DENSE, SPARSE, Study};
    use crate::Figure;
    use crate::algos::tape::Tape;

    fn value(figures: &[Figure], tape: &Tape, name: &str) -> f64 {
        let name = format!("{}_{name}", tape.name);
        figures.iter().find(|figure| figure.name == name).unwrap().value
    }

    /// Nothing here depends on the machine, so what is claimed can be held.
    #[test]
    fn algos_reach_their_goals_on_recorded_markets() {
        for tape in Tape::bundled() {
            let figures = Study::new(&tape, DENSE).figures();
            for figure in &figures {
                assert!(figure.goal.is_none_or(|goal| goal.met(figure.value)), "{figure:?}");
            }
            let value = |name| value(&figures, &tape, name);
            // The replay is of the recorded market, and the trials are many.
            assert!(value("recorded_volume_met_pct") > 80.0, "{}", tape.name);
            assert!(value("runs") >= 30.0, "{}", tape.name);
            // Spread, impact and drift of a schedule are together under a quarter of a basis point.
            assert!(value("twap_cost_bp") - value("twap_fees_bp") < 0.25, "{}", tape.name);
            assert!(value("vwap_cost_bp") - value("vwap_fees_bp") < 0.25, "{}", tape.name);
            // To know the future would help, and to do all at once would not.
            assert!(value("vwap_known_future_abs_bp") < value("vwap_vs_vwap_abs_bp"), "{}", tape.name);
            assert!(value("market_vs_vwap_abs_bp") > 2.0 * value("vwap_vs_vwap_abs_bp"), "{}", tape.name);
            assert!(value("pov_children") <= 1000.0, "{}", tape.name);
        }
    }

    #[test]
    fn a_second_run_gives_the_same_figures() {
        let tape = &Tape::bundled()[1];
        let figures = || Study::new(tape, SPARSE).figures();
        assert_eq!(figures(), figures());
    }
}
