//! The columns that the projector writes, in the order of the rows it makes.

use crate::database::Kind::{Bool, Int, Num, Text, Time};
use crate::database::{Kind, Table};

/// `table!(NAME, "name", key, changing, [column Kind, …])`
macro_rules! table {
    ($constant:ident, $name:literal, $key:literal, $changing:literal, [$($column:ident $kind:ident),* $(,)?]) => {
        pub(super) const $constant: Table = Table {
            name: $name,
            columns: { const ALL: &[(&str, Kind)] = &[$((stringify!($column), $kind)),*]; ALL },
            key: $key,
            changing: $changing,
        };
    };
}

table!(ASSETS, "assets", 1, 1, [id Int, code Text]);
table!(VENUES, "venues", 1, 1, [
    id Int, name Text, kind Text, request_budget Int, window_ns Int, patience_ns Int,
]);
table!(TRADERS, "traders", 1, 1, [id Int, name Text]);
table!(INSTRUMENTS, "instruments", 1, 23, [
    id Int, symbol Text, venue_symbol Text, venue_id Int, exchange Text, class Text, base_id Int, base Text,
    quote_id Int, quote Text, settlement_id Int, settlement Text, tick Num, lot Num, multiplier Num, qty_min Num,
    qty_max Num, notional_min Num, margin_initial Num, margin_maintenance Num, sector Text, calendar Text,
    expires_at Time, maker_fee Num, taker_fee Num, state Text, last_ticks Int, last_price Num, mark_ticks Int,
    mark_price Num, bid_price Num, bid_quantity Num, ask_price Num, ask_quantity Num, updated_at Time,
]);
table!(ACCOUNTS, "accounts", 1, 10, [
    id Int, user_id Int, name Text, account_type Text, mode Text, exchange Text, currency_id Int, currency Text,
    main_book_id Int, created_at Time, is_active Bool, is_armed Bool,
]);
table!(BOOKS, "books", 1, 1, [id Int, account_id Int, name Text]);
table!(ORDERS, "orders", 1, 15, [
    id Int, user_id Int, account_id Int, book_id Int, instrument_id Int, symbol Text, side Text, order_type Text,
    client_order_id Text, reduce_only Bool, post_only Text, priority Text, trace_id Int, created_at Time,
    created_seq Int, quantity Num, price Num, stop_price Num, display_quantity Num, time_in_force Text,
    expires_at Time, status Text, filled_quantity Num, average_price Num, filled_value Num, fee Num, reason Text,
    algo_id Int, group_id Int, updated_at Time, updated_seq Int, lots Int, filled_lots Int, rest_ticks Int,
    change_ticks Int, change_lots Int, change_sent Bool,
]);
table!(ORDER_EVENTS, "order_events", 3, 12, [
    order_id Int, seq Int, n Int, time Time, command Text, event Text, status Text, quantity Num,
    filled_quantity Num, price Num, last_quantity Num, reason Text,
]);
table!(REJECTIONS, "rejections", 2, 13, [
    seq Int, n Int, time Time, account_id Int, command Text, client_order_id Text, order_id Int, symbol Text,
    side Text, quantity Num, price Num, code Text, message Text,
]);
table!(TRADES, "trades", 2, 17, [
    id Int, trade_type Text, order_id Int, account_id Int, user_id Int, book_id Int, instrument_id Int,
    symbol Text, side Text, quantity Num, price Num, value Num, fee Num, realized_pnl Num, cash_change Num,
    timestamp Time, seq Int,
]);
table!(POSITIONS, "positions", 1, 5, [
    id Int, user_id Int, account_id Int, instrument_id Int, symbol Text, quantity Num, average_price Num,
    cost Num, market_value Num, unrealized_pnl Num, realized_pnl Num, fees Num, lots Int, updated_at Time,
    updated_seq Int,
]);
table!(BOOK_POSITIONS, "book_positions", 1, 5, [
    id Int, account_id Int, book_id Int, instrument_id Int, symbol Text, quantity Num, average_price Num,
    cost Num, realized_pnl Num, fees Num, lots Int, updated_at Time, updated_seq Int,
]);
table!(BALANCES, "account_balances", 1, 4, [
    id Int, account_id Int, asset_id Int, asset Text, total_balance Num, available_balance Num,
    locked_balance Num, updated_at Time, updated_seq Int,
]);
table!(TRANSFERS, "transfers", 2, 8, [
    seq Int, n Int, time Time, account_id Int, asset Text, kind Text, amount Num, reference Text,
]);
table!(ALGOS, "algos", 1, 5, [
    id Int, order_id Int, account_id Int, kind Text, started_at Time, ended_at Time, done_lots Int,
]);
table!(RISK_LIMITS, "risk_limits", 2, 2, [
    scope Text, kind Text, value Text, policy Text, updated_at Time, updated_seq Int,
]);
table!(TRADING_STATES, "trading_states", 1, 1, [
    scope Text, state Text, killed Bool, updated_at Time, updated_seq Int,
]);
table!(RISK_ALERTS, "risk_alerts", 2, 11, [
    seq Int, n Int, time Time, rule_id Int, kind Text, severity Text, scope Text, account_id Int,
    acknowledged_at Time, resolved_at Time, detail Text,
]);
table!(MARGIN_STATES, "margin_states", 1, 4, [
    id Int, account_id Int, asset_id Int, asset Text, stage Text, equity Num, initial_margin Num,
    maintenance_margin Num, updated_at Time, updated_seq Int, instrument_id Int,
]);
table!(RISK_BREAKERS, "risk_breakers", 1, 1, [
    rule_id Int, scope Text, watch Text, policy Text, window_ns Int, cool_down_ns Int, tripped_at Time,
    updated_at Time, updated_seq Int,
]);
table!(MARKET_DATA, "market_data", 4, 4, [
    time Time, symbol Text, exchange Text, timeframe Text, open_price Num, high_price Num, low_price Num,
    close_price Num, volume Num, quote_volume Num, trades_count Int,
]);
table!(METRICS, "portfolio_metrics", 3, 12, [
    time Time, user_id Int, account_id Int, total_value Num, unrealized_pnl Num, realized_pnl Num,
    net_deposits Num, daily_return Num, cumulative_return Num, volatility Num, sharpe_ratio Num,
    max_drawdown Num,
]);

/// All of them.
pub(crate) const ALL: [&Table; 22] = [
    &ASSETS,
    &VENUES,
    &TRADERS,
    &INSTRUMENTS,
    &ACCOUNTS,
    &BOOKS,
    &ORDERS,
    &ORDER_EVENTS,
    &REJECTIONS,
    &TRADES,
    &POSITIONS,
    &BOOK_POSITIONS,
    &BALANCES,
    &TRANSFERS,
    &ALGOS,
    &RISK_LIMITS,
    &TRADING_STATES,
    &RISK_ALERTS,
    &MARGIN_STATES,
    &RISK_BREAKERS,
    &MARKET_DATA,
    &METRICS,
];
