//! How risk stands at one record: equity, exposures, margin, what may be lost, stress, every limit with its use,
//! alerts. Figures and ids only, read off an engine and the history of prices; what cannot be said is there with
//! its reason and never as a zero. Absent: text, files, any change of the engine.

mod limits;
mod stress;

pub use limits::{LimitState, Used};
pub use stress::Stress;

use crate::Statistics;
use crate::statistics::{Feared, History, Line, Needs, feared};
use analytics::risk::{ExposureBy, ExposureTable, Position, exposures};
use engine::Engine;
use model::{AccountId, Alert, AssetId, InstrumentId, MarginState, Money, Qty, Time};
use std::collections::BTreeMap;

/// The report after one record.
#[derive(Debug)]
pub struct RiskReport {
    pub seq: u64,
    pub time: Time,
    /// The house in the asset that was asked for, then every account that has something, in its currency.
    pub portfolios: Vec<Portfolio>,
    pub limits: Vec<LimitState>,
    pub alerts: Vec<Alert>,
}

/// Who the figures are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    House,
    Account(AccountId),
}

#[derive(Debug)]
pub struct Portfolio {
    pub owner: Owner,
    pub currency: AssetId,
    pub equity: Option<Money>,
    /// By instrument, by sector, by class.
    pub exposures: Vec<(ExposureBy, ExposureTable)>,
    /// Of the account, or of one position.
    pub margins: Vec<(Option<InstrumentId>, MarginState)>,
    pub feared: Option<Feared>,
    pub stresses: Vec<Stress>,
    /// What could not be said, and why.
    pub missing: Vec<String>,
}

impl RiskReport {
    #[must_use]
    pub fn of(engine: &Engine, history: &History, settings: &Statistics, currency: AssetId) -> Self {
        let mut portfolios = vec![house(engine, history, settings, currency)];
        let accounts = (0..).map(AccountId).zip(engine.accounts());
        portfolios.extend(accounts.filter_map(|(account, opened)| {
            let needs = Needs::valued_in(engine, opened.currency);
            let held: Vec<Line> =
                needs.lines.iter().copied().filter(|line| line.account == account).collect();
            let equity = engine.equity(account);
            let empty = held.is_empty() && equity == Some(Money::ZERO);
            let margins = engine.margins(account);
            let asked = Asked { engine, history, settings, needs: &needs };
            (!empty)
                .then(|| asked.portfolio(Owner::Account(account), opened.currency, equity, margins, &held))
        }));
        let (limits, alerts) = (limits::of(engine), engine.alerts().to_vec());
        Self { seq: engine.seq(), time: engine.time(), portfolios, limits, alerts }
    }
}

fn house(engine: &Engine, history: &History, settings: &Statistics, currency: AssetId) -> Portfolio {
    let needs = Needs::valued_in(engine, currency);
    let accounts = (0..).map(AccountId).zip(engine.accounts());
    let mut worth = accounts
        .map(|(account, opened)| engine.in_terms_of(engine.equity(account)?, opened.currency, currency));
    let equity = worth.try_fold(Money::ZERO, |sum, one| sum.checked_add(one?));
    let lines = needs.lines.clone();
    let asked = Asked { engine, history, settings, needs: &needs };
    asked.portfolio(Owner::House, currency, equity, Vec::new(), &lines)
}

/// What the figures of one portfolio are computed from.
struct Asked<'a> {
    engine: &'a Engine,
    history: &'a History,
    settings: &'a Statistics,
    needs: &'a Needs,
}

impl Asked<'_> {
    fn portfolio(
        &self,
        owner: Owner,
        currency: AssetId,
        equity: Option<Money>,
        margins: Vec<(Option<InstrumentId>, MarginState)>,
        held: &[Line],
    ) -> Portfolio {
        let mut missing = Vec::new();
        if equity.is_none() {
            missing.push("equity: a price or a rate is missing".to_owned());
        }
        let positions = self.positions(held, currency, &mut missing);
        let exposures = tables(&positions, equity, &mut missing);
        let feared = feared(self.settings, self.history, self.needs, held.iter(), currency);
        if feared.is_none() {
            let least = self.settings.returns_min;
            missing.push(format!("value at risk: it needs {least} returns of every position, and a price"));
        }
        let stresses = stress::of(&positions, &mut missing);
        Portfolio { owner, currency, equity, exposures, margins, feared, stresses, missing }
    }

    /// One for each instrument, netted.
    fn positions(&self, held: &[Line], currency: AssetId, missing: &mut Vec<String>) -> Vec<Position> {
        let mut sums: BTreeMap<InstrumentId, i64> = BTreeMap::new();
        for line in held {
            let qty = sums.entry(line.instrument).or_default();
            *qty = qty.saturating_add(line.qty.0);
        }
        let priced = sums.into_iter().filter(|(_, qty)| *qty != 0).filter_map(|(id, qty)| {
            let listed = self.engine.instrument(id)?;
            let Some(value) = self.needs.worth(id, Qty(qty), currency) else {
                missing.push(format!("{}: it has no price in the currency", listed.symbol));
                return None;
            };
            let (name, sector) = (listed.symbol.to_string(), listed.sector.map(|sector| sector.to_string()));
            Some(Position { name, sector, class: listed.class, value })
        });
        priced.collect()
    }
}

fn tables(
    positions: &[Position],
    equity: Option<Money>,
    missing: &mut Vec<String>,
) -> Vec<(ExposureBy, ExposureTable)> {
    let Some(equity) = equity.filter(|_| !positions.is_empty()) else { return Vec::new() };
    let mut all = Vec::new();
    for by in [ExposureBy::Instrument, ExposureBy::Sector, ExposureBy::Class] {
        match exposures(positions, equity, by) {
            Ok(table) => all.push((by, table)),
            Err(error) => {
                missing.push(format!("exposures: {error}"));
                break;
            }
        }
    }
    all
}
