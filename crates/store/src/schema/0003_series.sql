-- What has a time and is much: partitioned where the database can, a hypertable where the extension is.

CREATE TABLE market_data (
    time {time} NOT NULL,
    symbol {text} NOT NULL,
    exchange {text} NOT NULL,
    timeframe {text} NOT NULL,
    open_price {num} NOT NULL,
    high_price {num} NOT NULL,
    low_price {num} NOT NULL,
    close_price {num} NOT NULL,
    volume {num} NOT NULL,
    quote_volume {num},
    trades_count {int},
    PRIMARY KEY (time, symbol, exchange, timeframe)
) {by_time};
CREATE INDEX idx_market_data_symbol ON market_data (symbol, time DESC);
CREATE INDEX idx_market_data_exchange ON market_data (exchange, time DESC);

CREATE TABLE portfolio_metrics (
    time {time} NOT NULL,
    user_id {int} NOT NULL,
    account_id {int} NOT NULL,
    total_value {num} NOT NULL,
    unrealized_pnl {num},
    realized_pnl {num},
    net_deposits {num} NOT NULL,
    daily_return {num},
    cumulative_return {num},
    volatility {num},
    sharpe_ratio {num},
    max_drawdown {num},
    PRIMARY KEY (time, user_id, account_id)
) {by_time};
CREATE INDEX idx_portfolio_metrics_account_id ON portfolio_metrics (account_id, time DESC);

CREATE TABLE trading_signals (
    id {int_serial},
    time {time} NOT NULL,
    strategy_id {int} NOT NULL,
    symbol {text} NOT NULL,
    signal_type {text} NOT NULL,
    strength {num} NOT NULL,
    confidence {num} NOT NULL,
    price {num},
    quantity {num},
    metadata {json},
    processed {bool} NOT NULL{series_key}
) {by_time};
CREATE INDEX idx_trading_signals_strategy ON trading_signals (strategy_id, time DESC);
CREATE INDEX idx_trading_signals_symbol ON trading_signals (symbol, time DESC);
