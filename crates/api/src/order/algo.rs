//! Parent orders in JSON: which algorithm works an order, between when, and within what.

use super::body::Reading;
use crate::decimal::Decimal;
use model::{Algo, Grid, NewAlgo, NewOrder, Quoting, Slice};
use serde::Deserialize;
use utoipa::ToSchema;

/// An algorithm that works an order over time; which fields it needs follows from its name.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlgoBody {
    /// twap, vwap, pov, implementation_shortfall, iceberg_slicer, sniper or quoting.
    pub name: String,
    pub start: Option<String>,
    pub end: Option<String>,
    /// At most this share of the market's volume, like 0.1.
    pub participation_max: Option<Decimal>,
    pub price_limit: Option<Decimal>,
    /// twap: in how many parts.
    pub slices: Option<u32>,
    /// vwap and implementation_shortfall: by when how much of the whole is done.
    pub schedule: Option<Vec<SliceBody>>,
    /// pov: the share of the market's volume.
    pub rate: Option<Decimal>,
    /// iceberg_slicer: how much is shown, and how long it waits before it shows more.
    pub display_quantity: Option<Decimal>,
    pub refresh_ms: Option<i64>,
    /// sniper: the price to wait for, and the least to take.
    pub price: Option<Decimal>,
    pub min_quantity: Option<Decimal>,
    pub quoting: Option<QuotingBody>,
}

/// By a moment, a share of the whole.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SliceBody {
    pub at: String,
    /// Like 0.25.
    pub done: Decimal,
}

/// Two-sided quotes around a fair price.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotingBody {
    pub half_spread: Decimal,
    pub quantity: Decimal,
    pub levels: u32,
    pub level_step: Decimal,
    pub inventory_max: Decimal,
    /// How far quotes move for a full inventory.
    pub skew: Decimal,
    /// Quotes move once the fair price has moved so far.
    pub refresh: Decimal,
    pub stale_ms: i64,
}

const NANOS_PER_MS: i64 = 1_000_000;

impl AlgoBody {
    /// The algo that works the parent; none where something is wrong, which the reading then says.
    pub(super) fn read(&self, parent: NewOrder, grid: Grid, reading: &mut Reading<'_>) -> Option<NewAlgo> {
        let start = reading.time("algo.start", self.start.as_deref());
        let end = reading.time("algo.end", self.end.as_deref());
        let participation_max = reading.rate("algo.participation_max", self.participation_max.as_ref());
        let price_limit = reading.price("algo.price_limit", self.price_limit.as_ref(), grid);
        let algo = self.read_algo(grid, reading);
        if algo.is_none() && reading.faults.is_empty() {
            reading.fault("algo", format!("{} lacks a field that it needs", self.name));
        }
        Some(NewAlgo { parent, algo: algo?, start, end, participation_max, price_limit })
    }

    fn read_algo(&self, grid: Grid, reading: &mut Reading<'_>) -> Option<Algo> {
        Some(match self.name.to_ascii_lowercase().as_str() {
            "twap" => Algo::Twap { slices: self.slices? },
            "vwap" => Algo::Vwap { profile: self.read_schedule(reading)? },
            "pov" => Algo::Pov { rate: reading.rate("algo.rate", self.rate.as_ref())? },
            "implementation_shortfall" => {
                Algo::ImplementationShortfall { schedule: self.read_schedule(reading)? }
            }
            "iceberg_slicer" => Algo::IcebergSlicer {
                display: reading.qty("algo.display_quantity", self.display_quantity.as_ref(), grid)?,
                refresh_ns: self.refresh_ms?.saturating_mul(NANOS_PER_MS),
            },
            "sniper" => Algo::Sniper {
                price: reading.price("algo.price", self.price.as_ref(), grid)?,
                qty_min: reading.qty("algo.min_quantity", self.min_quantity.as_ref(), grid)?,
            },
            "quoting" => Algo::Quoting { quoting: self.quoting.as_ref()?.read(grid, reading)? },
            other => {
                let known = "twap, vwap, pov, implementation_shortfall, iceberg_slicer, sniper or quoting";
                reading.fault("algo.name", format!("is {other:?}: write {known}"));
                return None;
            }
        })
    }

    fn read_schedule(&self, reading: &mut Reading<'_>) -> Option<Vec<Slice>> {
        let slice = |slice: &SliceBody, reading: &mut Reading<'_>| {
            let at = reading.time("algo.schedule", Some(&slice.at))?;
            Some(Slice { at, done: reading.rate("algo.schedule", Some(&slice.done))? })
        };
        self.schedule.as_ref()?.iter().map(|one| slice(one, reading)).collect()
    }
}

impl QuotingBody {
    fn read(&self, grid: Grid, reading: &mut Reading<'_>) -> Option<Quoting> {
        let mut distance = |field: &str, value| reading.price(field, Some(value), grid).map(|price| price.0);
        Some(Quoting {
            half_spread: distance("algo.quoting.half_spread", &self.half_spread)?,
            level_step: distance("algo.quoting.level_step", &self.level_step)?,
            skew: distance("algo.quoting.skew", &self.skew)?,
            refresh: distance("algo.quoting.refresh", &self.refresh)?,
            qty: reading.qty("algo.quoting.quantity", Some(&self.quantity), grid)?,
            inventory_max: reading.qty("algo.quoting.inventory_max", Some(&self.inventory_max), grid)?,
            levels: self.levels,
            stale_ns: self.stale_ms.saturating_mul(NANOS_PER_MS),
        })
    }
}
