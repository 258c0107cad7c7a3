-- What the journal tells, as rows. All of it is rebuilt from record 1 by `rebuild`.

CREATE TABLE projection (
    name {text} PRIMARY KEY,
    seq {int} NOT NULL,
    time {time} NOT NULL
) {strict};
INSERT INTO projection (name, seq, time) VALUES ('archive', 0, {zero});

CREATE TABLE assets (
    id {int} PRIMARY KEY,
    code {text} NOT NULL
) {strict};

CREATE TABLE venues (
    id {int} PRIMARY KEY,
    name {text} NOT NULL,
    kind {text} NOT NULL,
    request_budget {int},
    window_ns {int},
    patience_ns {int} NOT NULL
) {strict};

CREATE TABLE traders (
    id {int} PRIMARY KEY,
    name {text} NOT NULL
) {strict};

CREATE TABLE instruments (
    id {int} PRIMARY KEY,
    symbol {text} NOT NULL,
    venue_symbol {text},
    venue_id {int} NOT NULL,
    exchange {text} NOT NULL,
    class {text} NOT NULL,
    base_id {int},
    base {text},
    quote_id {int} NOT NULL,
    quote {text} NOT NULL,
    settlement_id {int} NOT NULL,
    settlement {text} NOT NULL,
    tick {num} NOT NULL,
    lot {num} NOT NULL,
    multiplier {num} NOT NULL,
    qty_min {num} NOT NULL,
    qty_max {num} NOT NULL,
    notional_min {num} NOT NULL,
    margin_initial {num} NOT NULL,
    margin_maintenance {num} NOT NULL,
    sector {text},
    calendar {text},
    expires_at {time},
    maker_fee {num} NOT NULL,
    taker_fee {num} NOT NULL,
    state {text} NOT NULL,
    last_ticks {int},
    last_price {num},
    mark_ticks {int},
    mark_price {num},
    bid_price {num},
    bid_quantity {num},
    ask_price {num},
    ask_quantity {num},
    updated_at {time} NOT NULL
) {strict};
CREATE INDEX idx_instruments_symbol ON instruments (symbol);

CREATE TABLE accounts (
    id {int} PRIMARY KEY,
    user_id {int} NOT NULL,
    name {text} NOT NULL,
    account_type {text} NOT NULL,
    mode {text} NOT NULL,
    exchange {text} NOT NULL,
    currency_id {int} NOT NULL,
    currency {text} NOT NULL,
    main_book_id {int} NOT NULL,
    created_at {time} NOT NULL,
    is_active {bool} NOT NULL,
    is_armed {bool} NOT NULL
) {strict};
CREATE INDEX idx_accounts_user_id ON accounts (user_id);

-- The account as it trades, with what opens it elsewhere; that is sealed, and no rebuild touches it.
CREATE VIEW trading_accounts AS
SELECT a.id, a.user_id, a.account_type, a.exchange, k.sealed AS api_key_encrypted,
    s.sealed AS api_secret_encrypted, a.is_active, a.created_at, a.name, a.mode, a.currency, a.main_book_id,
    a.is_armed
FROM accounts a
LEFT JOIN secrets k ON k.account_id = a.id AND k.name = 'api_key'
LEFT JOIN secrets s ON s.account_id = a.id AND s.name = 'api_secret';

CREATE TABLE books (
    id {int} PRIMARY KEY,
    account_id {int} NOT NULL,
    name {text} NOT NULL
) {strict};
CREATE INDEX idx_books_account_id ON books (account_id);

CREATE TABLE orders (
    id {int} PRIMARY KEY,
    user_id {int} NOT NULL,
    account_id {int} NOT NULL,
    book_id {int} NOT NULL,
    instrument_id {int} NOT NULL,
    symbol {text} NOT NULL,
    side {text} NOT NULL,
    order_type {text} NOT NULL,
    client_order_id {text},
    reduce_only {bool} NOT NULL,
    post_only {text},
    priority {text} NOT NULL,
    trace_id {int},
    created_at {time} NOT NULL,
    created_seq {int} NOT NULL,
    quantity {num} NOT NULL,
    price {num},
    stop_price {num},
    display_quantity {num},
    time_in_force {text} NOT NULL,
    expires_at {time},
    status {text} NOT NULL,
    filled_quantity {num} NOT NULL,
    average_price {num},
    filled_value {num} NOT NULL,
    fee {num} NOT NULL,
    reason {text},
    algo_id {int},
    group_id {int},
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL,
    lots {int} NOT NULL,
    filled_lots {int} NOT NULL,
    rest_ticks {int}
) {strict};
CREATE INDEX idx_orders_user_id ON orders (user_id);
CREATE INDEX idx_orders_account_id ON orders (account_id, id);
CREATE INDEX idx_orders_symbol ON orders (symbol);
CREATE INDEX idx_orders_status ON orders (status);
CREATE INDEX idx_orders_created_at ON orders (created_at);
CREATE INDEX idx_orders_client ON orders (account_id, client_order_id, id) WHERE client_order_id IS NOT NULL;

CREATE TABLE order_events (
    order_id {int} NOT NULL,
    seq {int} NOT NULL,
    n {int} NOT NULL,
    time {time} NOT NULL,
    command {text} NOT NULL,
    event {text} NOT NULL,
    status {text} NOT NULL,
    quantity {num} NOT NULL,
    filled_quantity {num} NOT NULL,
    price {num},
    last_quantity {num},
    reason {text},
    PRIMARY KEY (order_id, seq, n)
) {clustered};

CREATE TABLE rejections (
    seq {int} NOT NULL,
    n {int} NOT NULL,
    time {time} NOT NULL,
    account_id {int},
    command {text} NOT NULL,
    client_order_id {text},
    order_id {int},
    symbol {text},
    side {text},
    quantity {num},
    price {num},
    code {text} NOT NULL,
    message {text} NOT NULL,
    PRIMARY KEY (seq, n)
) {clustered};
CREATE INDEX idx_rejections_account_id ON rejections (account_id, seq);

CREATE TABLE trades (
    id {int} NOT NULL,
    trade_type {text} NOT NULL,
    order_id {int} NOT NULL,
    account_id {int} NOT NULL,
    user_id {int} NOT NULL,
    book_id {int} NOT NULL,
    instrument_id {int} NOT NULL,
    symbol {text} NOT NULL,
    side {text} NOT NULL,
    quantity {num} NOT NULL,
    price {num} NOT NULL,
    value {num} NOT NULL,
    fee {num} NOT NULL,
    realized_pnl {num} NOT NULL,
    cash_change {num} NOT NULL,
    timestamp {time} NOT NULL,
    seq {int} NOT NULL,
    PRIMARY KEY (id, trade_type)
) {clustered};
CREATE INDEX idx_trades_order_id ON trades (order_id);
CREATE INDEX idx_trades_symbol ON trades (symbol);
CREATE INDEX idx_trades_timestamp ON trades (timestamp);
CREATE INDEX idx_trades_account_id ON trades (account_id, id);

CREATE TABLE positions (
    id {int} PRIMARY KEY,
    user_id {int} NOT NULL,
    account_id {int} NOT NULL,
    instrument_id {int} NOT NULL,
    symbol {text} NOT NULL,
    quantity {num} NOT NULL,
    average_price {num} NOT NULL,
    cost {num} NOT NULL,
    market_value {num},
    unrealized_pnl {num},
    realized_pnl {num} NOT NULL,
    fees {num} NOT NULL,
    lots {int} NOT NULL,
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL,
    UNIQUE (user_id, account_id, symbol)
) {strict};
CREATE INDEX idx_positions_account_id ON positions (account_id);

CREATE TABLE book_positions (
    id {int} PRIMARY KEY,
    account_id {int} NOT NULL,
    book_id {int} NOT NULL,
    instrument_id {int} NOT NULL,
    symbol {text} NOT NULL,
    quantity {num} NOT NULL,
    average_price {num} NOT NULL,
    cost {num} NOT NULL,
    realized_pnl {num} NOT NULL,
    fees {num} NOT NULL,
    lots {int} NOT NULL,
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL
) {strict};
CREATE INDEX idx_book_positions_account_id ON book_positions (account_id);

CREATE TABLE account_balances (
    id {int} PRIMARY KEY,
    account_id {int} NOT NULL,
    asset_id {int} NOT NULL,
    asset {text} NOT NULL,
    total_balance {num} NOT NULL,
    available_balance {num} NOT NULL,
    locked_balance {num} NOT NULL,
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL,
    UNIQUE (account_id, asset)
) {strict};

CREATE TABLE transfers (
    seq {int} NOT NULL,
    n {int} NOT NULL,
    time {time} NOT NULL,
    account_id {int} NOT NULL,
    asset {text} NOT NULL,
    kind {text} NOT NULL,
    amount {num} NOT NULL,
    reference {text},
    PRIMARY KEY (seq, n)
) {clustered};
CREATE INDEX idx_transfers_account_id ON transfers (account_id, seq);

CREATE TABLE algos (
    id {int} PRIMARY KEY,
    order_id {int} NOT NULL,
    account_id {int} NOT NULL,
    kind {text} NOT NULL,
    started_at {time} NOT NULL,
    ended_at {time},
    done_lots {int} NOT NULL
) {strict};
CREATE INDEX idx_algos_account_id ON algos (account_id);

CREATE TABLE risk_limits (
    scope {text} NOT NULL,
    kind {text} NOT NULL,
    value {text} NOT NULL,
    policy {text} NOT NULL,
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL,
    PRIMARY KEY (scope, kind)
) {strict};

CREATE TABLE trading_states (
    scope {text} PRIMARY KEY,
    state {text} NOT NULL,
    killed {bool} NOT NULL,
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL
) {strict};

CREATE TABLE risk_alerts (
    seq {int} NOT NULL,
    n {int} NOT NULL,
    time {time} NOT NULL,
    rule_id {int} NOT NULL,
    kind {text} NOT NULL,
    severity {text} NOT NULL,
    scope {text} NOT NULL,
    account_id {int},
    acknowledged_at {time},
    PRIMARY KEY (seq, n)
) {strict};
CREATE INDEX idx_risk_alerts_rule_id ON risk_alerts (rule_id);
CREATE INDEX idx_risk_alerts_account_id ON risk_alerts (account_id, seq);
