//! Made-up limits, statistics and settings of risk. A limit stays only for a while, so that orders go on passing.

use super::setup::{self, ACCOUNTS, ASSETS, BOOKS};
use super::work::Work;
use model::{
    AccountId, AssetId, Because, BookId, Command, InputKind, Limit, LimitKind, LimitValue, Policy, Qty, Rate,
    Scope, Setting, Statistic, UserId, VenueId,
};

const INPUTS: [InputKind; 7] = [
    InputKind::Price,
    InputKind::FxRate,
    InputKind::Volatility,
    InputKind::Correlation,
    InputKind::AverageVolume,
    InputKind::ValueAtRisk,
    InputKind::ExpectedShortfall,
];

impl Work {
    pub(super) fn risk(&mut self) -> Command {
        let because = Because { user: UserId(self.small(16) / 15), reason: setup::name("sim") };
        match self.rng.below(8) {
            0..2 => {
                let (scope, (kind, value)) = (self.place(), self.limit());
                let limit = Limit { scope, kind, value, policy: Policy::Alert };
                self.limits.push((scope, kind));
                Command::SetLimit { limit: Box::new(limit), because }
            }
            2..5 => {
                let drawn = (self.place(), LimitKind::OrderSize);
                let (scope, kind) = self.limits.pop().unwrap_or(drawn);
                Command::RemoveLimit { scope, kind, because }
            }
            5 => Command::Configure(self.risk_setting()),
            _ => Command::Statistic(self.statistic()),
        }
    }

    fn place(&mut self) -> Scope {
        let (account, instrument) = (self.account(), self.instrument());
        match self.rng.below(8) {
            0 => Scope::House,
            1 => Scope::User(UserId(0)),
            2 | 3 => Scope::Account(account),
            4 => Scope::Book(BookId(self.small(BOOKS))),
            5 => Scope::Instrument(instrument),
            6 => Scope::AccountInstrument(account, instrument),
            _ => Scope::Venue(VenueId(u16::from(self.rng.below(8) == 0))),
        }
    }

    /// Mostly of a size that some orders pass; now and then of a kind that does not fit.
    fn limit(&mut self) -> (LimitKind, LimitValue) {
        let asset = AssetId(self.small(ASSETS));
        let amount = LimitValue::Amount { asset, amount: setup::units(self.number(4000).into()) };
        let qty = LimitValue::Qty(Qty(5 + self.number(60)));
        let (ratio, wide) =
            (LimitValue::Ratio(Rate(self.number(1_000_000_000))), LimitValue::Ratio(Rate(4_000_000_000)));
        let count = LimitValue::Count(self.small(40));
        let all = [
            (LimitKind::OrderSize, qty),
            (LimitKind::OrderNotional, amount),
            (LimitKind::PriceCollar, ratio),
            (LimitKind::PositionNet, qty),
            (LimitKind::PositionNet, amount),
            (LimitKind::PositionGross, qty),
            (LimitKind::PositionGross, amount),
            (LimitKind::Leverage, wide),
            (LimitKind::InstrumentConcentration, ratio),
            (LimitKind::SectorConcentration, ratio),
            (LimitKind::ClassConcentration, ratio),
            (LimitKind::Allocation, ratio),
            (LimitKind::SymbolExposure, ratio),
            (LimitKind::CorrelatedExposure, wide),
            (LimitKind::VolatilityScaledSize, ratio),
            (LimitKind::VolumeShare, ratio),
            (LimitKind::DepthShare, wide),
            (LimitKind::ValueAtRisk, amount),
            (LimitKind::ExpectedShortfall, amount),
            (LimitKind::Positions, count),
            (LimitKind::OpenOrders, count),
            (LimitKind::OrdersPerMinute, count),
            (LimitKind::TradesPerDay, count),
            (LimitKind::MarketHours, LimitValue::Yes),
            (LimitKind::Restricted, LimitValue::Yes),
            (LimitKind::MinConfidence, count),
            (LimitKind::Drawdown, ratio),
        ];
        let at = self.rng.below(all.len());
        all.get(at).copied().unwrap_or((LimitKind::OrderSize, qty))
    }

    fn statistic(&mut self) -> Statistic {
        let (instrument, b, scope) = (self.instrument(), self.instrument(), self.place());
        let (asset, to) = (AssetId(self.small(ASSETS)), AssetId(self.small(ASSETS)));
        let value = setup::units(self.number(3000).into());
        match self.rng.below(6) {
            0 => Statistic::Volatility { instrument, value: Rate(self.number(900_000_000)) },
            1 => {
                let value = Rate(self.number(2_100_000_000) - 1_050_000_000);
                Statistic::Correlation { a: instrument, b, value }
            }
            2 => Statistic::AverageVolume { instrument, value: Qty(self.number(400)) },
            3 => Statistic::ValueAtRisk { scope, asset, value },
            4 => Statistic::ExpectedShortfall { scope, asset, value },
            _ => Statistic::FxRate { from: asset, to, value },
        }
    }

    fn risk_setting(&mut self) -> Setting {
        if self.rng.coin() {
            let at = self.rng.below(INPUTS.len());
            let input = INPUTS.get(at).copied().unwrap_or(InputKind::Price);
            return Setting::AgeMax { input, ns: self.number(2_000_000_000) };
        }
        let account = self.rng.coin().then(|| AccountId(self.small(ACCOUNTS)));
        Setting::DayStart { account, seconds: self.number(200_000) - 100_000 }
    }
}
