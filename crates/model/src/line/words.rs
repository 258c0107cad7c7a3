//! The words that stand for the values of closed sets; one table each, read both ways.

use crate::{
    AccountKind, AlertState, Bound, CashCause, Combination, Feature, FeeBasis, InputKind, InstrumentClass,
    InstrumentState, LimitKind, ListingFault, MarginMode, MarginStage, Misfit, Mode, OptionRight,
    OptionStyle, OrderStatus, PegTo, Policy, PositionMode, Priority, RoutePlan, RuleFault, SelfTrade,
    Severity, Side, TradingState, TriggerSource, VenueKind,
};

/// A closed set whose values have words.
pub trait Worded: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];

    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, known)| *known == self).map_or("?", |(word, _)| word)
    }

    /// All of them, for who has to choose.
    fn all() -> String {
        let words: Vec<&str> = Self::WORDS.iter().map(|(word, _)| *word).collect();
        words.join(", ")
    }
}

impl Worded for Side {
    const WORDS: &'static [(&'static str, Self)] = &[("buy", Self::Buy), ("sell", Self::Sell)];
}

impl Worded for TriggerSource {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("last", Self::Last),
        ("bid_ask", Self::BidAsk),
        ("mid", Self::Mid),
        ("mark", Self::Mark),
        ("double_last", Self::DoubleLast),
    ];
}

impl Worded for PegTo {
    const WORDS: &'static [(&'static str, Self)] =
        &[("own_side", Self::OwnSide), ("mid", Self::Mid), ("opposite", Self::Opposite)];
}

impl Worded for SelfTrade {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("cancel_newest", Self::CancelNewest),
        ("cancel_oldest", Self::CancelOldest),
        ("cancel_both", Self::CancelBoth),
        ("decrement", Self::Decrement),
    ];
}

impl Worded for Priority {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("normal", Self::Normal),
        ("high", Self::High),
        ("critical", Self::Critical),
        ("stop_loss", Self::StopLoss),
    ];
}

impl Worded for RoutePlan {
    const WORDS: &'static [(&'static str, Self)] =
        &[("spray", Self::Spray), ("sequential", Self::Sequential)];
}

impl Worded for OrderStatus {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("accepted", Self::Accepted),
        ("held", Self::Held),
        ("open", Self::Open),
        ("partially_filled", Self::PartiallyFilled),
        ("filled", Self::Filled),
        ("cancelled", Self::Cancelled),
        ("expired", Self::Expired),
        ("rejected", Self::Rejected),
        ("pending_new", Self::PendingNew),
        ("pending_cancel", Self::PendingCancel),
        ("pending_replace", Self::PendingReplace),
        ("unknown", Self::Unknown),
    ];
}

impl Worded for Misfit {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("unknown_order", Self::UnknownOrder),
        ("other_account", Self::OtherAccount),
        ("repeated", Self::Repeated),
        ("late", Self::Late),
        ("overfilled", Self::Overfilled),
        ("not_asked", Self::NotAsked),
        ("uncountable", Self::Uncountable),
    ];
}

impl Worded for InstrumentClass {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("spot", Self::Spot),
        ("equity", Self::Equity),
        ("etf", Self::Etf),
        ("fx", Self::Fx),
        ("future", Self::Future),
        ("perpetual", Self::Perpetual),
        ("option", Self::Option),
        ("index", Self::Index),
    ];
}

impl Worded for InstrumentState {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("pre_open", Self::PreOpen),
        ("auction", Self::Auction),
        ("trading", Self::Trading),
        ("halted", Self::Halted),
        ("closed", Self::Closed),
        ("expired", Self::Expired),
    ];
}

impl Worded for FeeBasis {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("value", Self::Value),
        ("per_share", Self::PerShare),
        ("per_contract", Self::PerContract),
        ("tiered", Self::Tiered),
    ];
}

impl Worded for OptionRight {
    const WORDS: &'static [(&'static str, Self)] = &[("call", Self::Call), ("put", Self::Put)];
}

impl Worded for OptionStyle {
    const WORDS: &'static [(&'static str, Self)] =
        &[("american", Self::American), ("european", Self::European)];
}

impl Worded for Mode {
    const WORDS: &'static [(&'static str, Self)] = &[("paper", Self::Paper), ("live", Self::Live)];
}

impl Worded for AccountKind {
    const WORDS: &'static [(&'static str, Self)] =
        &[("cash", Self::Cash), ("margin", Self::Margin), ("futures", Self::Futures)];
}

impl Worded for PositionMode {
    const WORDS: &'static [(&'static str, Self)] = &[("netting", Self::Netting), ("hedging", Self::Hedging)];
}

impl Worded for MarginMode {
    const WORDS: &'static [(&'static str, Self)] = &[("cross", Self::Cross), ("isolated", Self::Isolated)];
}

impl Worded for LimitKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("order_size", Self::OrderSize),
        ("order_notional", Self::OrderNotional),
        ("price_collar", Self::PriceCollar),
        ("position_net", Self::PositionNet),
        ("position_gross", Self::PositionGross),
        ("leverage", Self::Leverage),
        ("instrument_concentration", Self::InstrumentConcentration),
        ("sector_concentration", Self::SectorConcentration),
        ("class_concentration", Self::ClassConcentration),
        ("allocation", Self::Allocation),
        ("symbol_exposure", Self::SymbolExposure),
        ("correlated_exposure", Self::CorrelatedExposure),
        ("volatility_scaled_size", Self::VolatilityScaledSize),
        ("volume_share", Self::VolumeShare),
        ("depth_share", Self::DepthShare),
        ("value_at_risk", Self::ValueAtRisk),
        ("expected_shortfall", Self::ExpectedShortfall),
        ("positions", Self::Positions),
        ("open_orders", Self::OpenOrders),
        ("orders_per_minute", Self::OrdersPerMinute),
        ("trades_per_day", Self::TradesPerDay),
        ("daily_loss", Self::DailyLoss),
        ("weekly_loss", Self::WeeklyLoss),
        ("drawdown", Self::Drawdown),
        ("min_confidence", Self::MinConfidence),
        ("restricted", Self::Restricted),
        ("market_hours", Self::MarketHours),
    ];
}

impl Worded for Policy {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("alert", Self::Alert),
        ("reduce_only", Self::ReduceOnly),
        ("cancel_open", Self::CancelOpen),
        ("flatten", Self::Flatten),
        ("halt", Self::Halt),
    ];
}

impl Worded for TradingState {
    const WORDS: &'static [(&'static str, Self)] =
        &[("active", Self::Active), ("reduce_only", Self::ReduceOnly), ("halted", Self::Halted)];
}

impl Worded for Severity {
    const WORDS: &'static [(&'static str, Self)] =
        &[("info", Self::Info), ("warning", Self::Warning), ("critical", Self::Critical)];
}

impl Worded for CashCause {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("dividend", Self::Dividend),
        ("funding", Self::Funding),
        ("borrow", Self::Borrow),
        ("split", Self::Split),
    ];
}

impl Worded for Feature {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("order_type", Self::OrderType),
        ("time_in_force", Self::TimeInForce),
        ("min_qty", Self::MinQty),
        ("condition", Self::Condition),
        ("queue", Self::Queue),
        ("route", Self::Route),
        ("group", Self::Group),
        ("algo", Self::Algo),
        ("limit", Self::Limit),
        ("breaker", Self::Breaker),
        ("trading_state", Self::TradingState),
        ("statistic", Self::Statistic),
        ("funding", Self::Funding),
        ("corporate_action", Self::CorporateAction),
        ("fee_schedule", Self::FeeSchedule),
        ("instrument_class", Self::InstrumentClass),
        ("instrument_state", Self::InstrumentState),
        ("live_trading", Self::LiveTrading),
        ("position_mode", Self::PositionMode),
        ("heartbeat", Self::Heartbeat),
        ("venue", Self::Venue),
        ("change", Self::Change),
    ];
}

impl Worded for Combination {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("post_only_immediate", Self::PostOnlyImmediate),
        ("post_only_market", Self::PostOnlyMarket),
        ("market_waits", Self::MarketWaits),
        ("hidden_immediate", Self::HiddenImmediate),
        ("reduce_only_cash", Self::ReduceOnlyCash),
        ("iceberg_immediate", Self::IcebergImmediate),
        ("pegged_immediate", Self::PeggedImmediate),
        ("auction_special", Self::AuctionSpecial),
        ("min_qty_rests", Self::MinQtyRests),
        ("leg_immediate", Self::LegImmediate),
        ("legs_differ", Self::LegsDiffer),
        ("legs_misfit", Self::LegsMisfit),
        ("not_stop", Self::NotStop),
        ("not_target", Self::NotTarget),
        ("condition_state", Self::ConditionState),
        ("not_above_zero", Self::NotAboveZero),
        ("algo_parent", Self::AlgoParent),
        ("algo_schedule", Self::AlgoSchedule),
        ("smart_kind", Self::SmartKind),
        ("smart_post_only", Self::SmartPostOnly),
        ("routed_part", Self::RoutedPart),
        ("venue_kind", Self::VenueKind),
        ("venue_time", Self::VenueTime),
        ("venue_flag", Self::VenueFlag),
    ];
}

impl Worded for ListingFault {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("step", Self::Step),
        ("assets", Self::Assets),
        ("tick_value", Self::TickValue),
        ("quantities", Self::Quantities),
        ("band", Self::Band),
        ("fees", Self::Fees),
        ("margin", Self::Margin),
        ("terms", Self::Terms),
    ];
}

impl Worded for VenueKind {
    const WORDS: &'static [(&'static str, Self)] =
        &[("own", Self::Own), ("dark", Self::Dark), ("outside", Self::Outside)];
}

impl Worded for InputKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("price", Self::Price),
        ("fx_rate", Self::FxRate),
        ("volatility", Self::Volatility),
        ("correlation", Self::Correlation),
        ("average_volume", Self::AverageVolume),
        ("value_at_risk", Self::ValueAtRisk),
        ("expected_shortfall", Self::ExpectedShortfall),
    ];
}

impl Worded for Bound {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("orders", Self::Orders),
        ("client_ids", Self::ClientIds),
        ("positions", Self::Positions),
        ("balances", Self::Balances),
        ("accounts", Self::Accounts),
        ("books", Self::Books),
        ("instruments", Self::Instruments),
        ("assets", Self::Assets),
        ("users", Self::Users),
        ("levels", Self::Levels),
        ("legs", Self::Legs),
        ("parts", Self::Parts),
        ("venues", Self::Venues),
        ("limits", Self::Limits),
        ("statistics", Self::Statistics),
        ("rules", Self::Rules),
        ("venue_queue", Self::VenueQueue),
        ("venue_budget", Self::VenueBudget),
    ];
}

impl Worded for RuleFault {
    const WORDS: &'static [(&'static str, Self)] =
        &[("scope", Self::Scope), ("value", Self::Value), ("window", Self::Window)];
}

impl Worded for AlertState {
    const WORDS: &'static [(&'static str, Self)] =
        &[("open", Self::Open), ("acknowledged", Self::Acknowledged), ("resolved", Self::Resolved)];
}

impl Worded for MarginStage {
    const WORDS: &'static [(&'static str, Self)] =
        &[("sound", Self::Sound), ("called", Self::Called), ("liquidating", Self::Liquidating)];
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::Error;
    use serde::de::{Deserializer, Error as _, Visitor};
    use serde::{Deserialize, forward_to_deserialize_any};

    /// Answers every question about an enum with the names of its variants.
    struct Variants;

    impl<'de> Deserializer<'de> for Variants {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error::custom("not an enum"))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            Err(Error::custom(variants.join(" ")))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }

    /// Every variant has its word, which is its own name in small letters.
    fn check<T: Worded + std::fmt::Debug + for<'de> Deserialize<'de>>() {
        let variants = T::deserialize(Variants).unwrap_err().to_string();
        let named: Vec<String> = T::WORDS.iter().map(|(_, value)| format!("{value:?}")).collect();
        assert_eq!(named.join(" "), variants);
        for (word, value) in T::WORDS {
            assert_eq!(word.replace('_', ""), format!("{value:?}").to_lowercase());
        }
    }

    #[test]
    fn every_table_is_whole() {
        check::<Side>();
        check::<TriggerSource>();
        check::<PegTo>();
        check::<SelfTrade>();
        check::<Priority>();
        check::<RoutePlan>();
        check::<OrderStatus>();
        check::<InstrumentClass>();
        check::<InstrumentState>();
        check::<FeeBasis>();
        check::<OptionRight>();
        check::<OptionStyle>();
        check::<Misfit>();
        check::<Mode>();
        check::<AccountKind>();
        check::<PositionMode>();
        check::<MarginMode>();
        check::<LimitKind>();
        check::<Policy>();
        check::<TradingState>();
        check::<Severity>();
        check::<Feature>();
        check::<Combination>();
        check::<ListingFault>();
        check::<Bound>();
        check::<InputKind>();
        check::<RuleFault>();
        check::<AlertState>();
        check::<MarginStage>();
    }
}
