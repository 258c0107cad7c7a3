//! The report as tables of cells, which every format shows in its own way. Words are those of the line language.

use analytics::risk::{ExposureBy, ExposureTable};
use model::line::{Answer, OrderNames, Query, render_answer, render_command, render_event};
use model::{Because, Command, Directory, Event, Limit, Money, Name, Reached, Unit, UserId};
use node::report::{LimitState, Owner, Portfolio, RiskReport, Used};
use node::statistics::Statistics;

/// What stands in a place.
pub enum Cell {
    Text(String),
    Money(Money),
    /// Of one.
    Share(f64),
    /// How much of something is used, as text and as a share of what is allowed.
    Use(String, f64),
    /// What cannot be said.
    Unknown(String),
}

pub struct Table {
    /// In one word, for machines.
    pub name: &'static str,
    pub title: String,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

pub struct Tables {
    pub seq: u64,
    pub time: String,
    /// How losses were found.
    pub basis: String,
    pub all: Vec<Table>,
}

pub fn of(report: &RiskReport, directory: &Directory, settings: &Statistics) -> Tables {
    let words = Words { directory, orders: OrderNames::new(1) };
    let all = vec![
        words.equity(report),
        words.exposures(report),
        words.limits(report),
        words.margins(report),
        words.losses(report),
        words.stresses(report),
        words.alerts(report),
        words.missing(report),
    ];
    let hours = settings.horizon_ns as f64 / 3.6e12;
    let basis = format!(
        "{:?} method, {} confidence, horizon of {hours} hours, returns of {} seconds",
        settings.method,
        settings.confidence,
        settings.interval_ns as f64 / 1e9
    );
    Tables { seq: report.seq, time: report.time.to_string(), basis: basis.to_lowercase(), all }
}

struct Words<'d> {
    directory: &'d Directory,
    orders: OrderNames,
}

impl Words<'_> {
    fn equity(&self, report: &RiskReport) -> Table {
        let row = |of: &Portfolio| {
            let total = of.exposures.first().map(|(_, table)| &table.total);
            let equity = of.equity.map_or_else(|| unknown("a price or a rate is missing"), Cell::Money);
            vec![
                self.owner(of),
                equity,
                self.asset(of),
                Cell::Money(total.map_or(Money::ZERO, |total| total.gross)),
                Cell::Money(total.map_or(Money::ZERO, |total| total.net)),
                Cell::Share(total.map_or(0.0, |total| total.gross_share)),
            ]
        };
        let columns = vec!["whose", "equity", "currency", "gross", "net", "leverage"];
        table("equity", "Equity", columns, report.portfolios.iter().map(row).collect())
    }

    fn exposures(&self, report: &RiskReport) -> Table {
        let mut rows = Vec::new();
        for of in &report.portfolios {
            for (by, exposures) in &of.exposures {
                rows.extend(self.exposure(of, *by, exposures));
            }
        }
        let columns = vec!["whose", "by", "what", "long", "short", "net", "gross", "share"];
        table("exposures", "Exposures", columns, rows)
    }

    fn exposure(&self, of: &Portfolio, by: ExposureBy, table: &ExposureTable) -> Vec<Vec<Cell>> {
        let by = format!("{by:?}").to_lowercase();
        let row = |row: &analytics::risk::Exposure| {
            vec![
                self.owner(of),
                text(&by),
                text(row.key.as_deref().unwrap_or("none")),
                Cell::Money(row.long),
                Cell::Money(row.short),
                Cell::Money(row.net),
                Cell::Money(row.gross),
                Cell::Share(row.gross_share),
            ]
        };
        table.rows.iter().map(row).collect()
    }

    fn limits(&self, report: &RiskReport) -> Table {
        let row = |state: &LimitState| {
            let (words, policy) = self.limit(&state.limit);
            vec![text(&words), self.used(state), text(&policy)]
        };
        let columns = vec!["limit", "used", "policy"];
        table("limits", "Limits", columns, report.limits.iter().map(row).collect())
    }

    /// As it is typed, and its policy, which has its own place.
    fn limit(&self, limit: &Limit) -> (String, String) {
        let Ok(reason) = Name::new("report") else { return Default::default() };
        let because = Because { user: UserId(0), reason };
        let command = Command::SetLimit { limit: Box::new(*limit), because };
        let line = render_command(&command, self.directory, &self.orders);
        let line = line.strip_prefix("limit ").unwrap_or(&line);
        let line = line.split(" by ").next().unwrap_or(line);
        let (words, policy) = line.split_once(" policy ").unwrap_or((line, "alert"));
        (words.to_owned(), policy.to_owned())
    }

    fn used(&self, state: &LimitState) -> Cell {
        match &state.used {
            Used::ByOrder => text("looks at each order"),
            Used::Nothing => text("nothing, or a tighter one counts the same"),
            Used::Reached(reached) => {
                let share = ratio(reached.before() as f64, reached.most() as f64);
                Cell::Use(self.amount(reached), share)
            }
            Used::Lost { lost: None, .. } => unknown("a price or a rate is missing"),
            Used::Lost { lost: Some(lost), most, broken } => {
                let broken = if *broken { ", broken" } else { "" };
                Cell::Use(format!("{lost} lost of {most}{broken}"), ratio(lost.0 as f64, most.0 as f64))
            }
            Used::Unknown(reason) => {
                let event = Event::CommandRejected { reason: *reason };
                Cell::Unknown(render_event(&event, self.directory, &self.orders))
            }
        }
    }

    fn amount(&self, reached: &Reached) -> String {
        let (before, most) = (reached.before(), reached.most());
        match reached.unit {
            Unit::Amount => {
                let asset =
                    self.directory.asset(reached.asset).map_or_else(String::new, |name| format!(" {name}"));
                format!("{} of {}{asset}", Money(before), Money(most))
            }
            Unit::Ratio => format!("{:.4} of {:.4}", before as f64 / 1e9, most as f64 / 1e9),
            Unit::Lots => format!("{before} of {most} lots"),
            Unit::Count => format!("{before} of {most}"),
            Unit::None => "holds".to_owned(),
        }
    }

    fn margins(&self, report: &RiskReport) -> Table {
        let rows = report.portfolios.iter().flat_map(|of| of.margins.iter().map(move |at| (of, at)));
        let rows = rows.map(|(of, (position, at))| {
            let alone = position.and_then(|instrument| self.directory.instrument(instrument));
            let alone = alone.map_or_else(|| "all".to_owned(), |listed| listed.symbol.to_string());
            let asset = self.directory.asset(at.asset).map_or_else(String::new, |name| name.to_string());
            let stage = format!("{:?}", at.stage).to_lowercase();
            let used = ratio(at.initial.0 as f64, at.equity.0 as f64);
            vec![
                self.owner(of),
                text(&alone),
                text(&asset),
                text(&stage),
                Cell::Money(at.equity),
                Cell::Money(at.initial),
                Cell::Money(at.maintenance),
                Cell::Use(format!("{:.1} %", used * 100.0), used),
            ]
        });
        let columns =
            vec!["whose", "positions", "asset", "stage", "equity", "initial", "maintenance", "used"];
        table("margin", "Margin", columns, rows.collect())
    }

    fn losses(&self, report: &RiskReport) -> Table {
        let row = |of: &Portfolio| {
            let mut cells = vec![self.owner(of)];
            match of.feared {
                Some(feared) => {
                    cells.extend([Cell::Money(feared.value_at_risk), Cell::Money(feared.expected_shortfall)]);
                }
                None => cells.extend(["too few returns", "too few returns"].map(unknown)),
            }
            cells.push(self.asset(of));
            cells
        };
        let columns = vec!["whose", "value at risk", "expected shortfall", "currency"];
        table("losses", "What may be lost", columns, report.portfolios.iter().map(row).collect())
    }

    fn stresses(&self, report: &RiskReport) -> Table {
        let mut rows = Vec::new();
        for of in &report.portfolios {
            for stress in &of.stresses {
                let worst = stress.by_position.iter().find(|(_, amount)| amount.0 != 0);
                let worst = worst.map_or_else(String::new, |(name, amount)| format!("{name} {amount}"));
                let share = of.equity.map_or(0.0, |equity| ratio(stress.total.0 as f64, equity.0 as f64));
                rows.push(vec![
                    self.owner(of),
                    text(&stress.name),
                    Cell::Money(stress.total),
                    Cell::Share(share),
                    text(&worst),
                ]);
            }
        }
        let columns = vec!["whose", "stress", "result", "share of equity", "moved most"];
        table("stress", "Stress", columns, rows)
    }

    fn alerts(&self, report: &RiskReport) -> Table {
        let answer = Answer::Alerts(report.alerts.clone());
        let lines = render_answer(&Query::Alerts, &answer, self.directory, &self.orders);
        let rows = report.alerts.iter().zip(lines).map(|(alert, line)| {
            let severity = format!("{:?}", alert.severity).to_lowercase();
            let state = format!("{:?}", alert.state).to_lowercase();
            vec![
                text(&alert.rule.to_string()),
                text(&severity),
                text(&state),
                text(&alert.at.to_string()),
                text(&line),
            ]
        });
        table("alerts", "Alerts", vec!["number", "severity", "state", "since", "what"], rows.collect())
    }

    fn missing(&self, report: &RiskReport) -> Table {
        let rows = report.portfolios.iter().flat_map(|of| {
            of.missing.iter().map(move |what| vec![self.owner(of), Cell::Unknown(what.clone())])
        });
        table("missing", "What cannot be said", vec!["whose", "what"], rows.collect())
    }

    fn owner(&self, of: &Portfolio) -> Cell {
        match of.owner {
            Owner::House => text("house"),
            Owner::Account(account) => {
                let opened = self.directory.account(account);
                Cell::Text(
                    opened.map_or_else(|| format!("account {account}"), |opened| opened.name.to_string()),
                )
            }
        }
    }

    fn asset(&self, of: &Portfolio) -> Cell {
        Cell::Text(self.directory.asset(of.currency).map_or_else(String::new, |name| name.to_string()))
    }
}

fn table(name: &'static str, title: &str, columns: Vec<&'static str>, rows: Vec<Vec<Cell>>) -> Table {
    Table { name, title: title.to_owned(), columns, rows }
}

fn text(what: &str) -> Cell {
    Cell::Text(what.to_owned())
}

fn unknown(why: &str) -> Cell {
    Cell::Unknown(why.to_owned())
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
