-- Strategies as their owners wrote them, their runs, and how each running engine stands.

CREATE TABLE trading_strategies (
    id {serial},
    user_id {int} NOT NULL REFERENCES users (id),
    name {text} NOT NULL,
    description {text},
    strategy_type {text} NOT NULL,
    config {json} NOT NULL,
    status {text} NOT NULL,
    performance {json},
    is_public {bool} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
) {strict};
CREATE INDEX idx_trading_strategies_user_id ON trading_strategies (user_id);

CREATE TABLE strategy_executions (
    id {serial},
    strategy_id {int} NOT NULL REFERENCES trading_strategies (id),
    execution_type {text} NOT NULL,
    status {text} NOT NULL,
    config {json},
    results {json},
    started_at {time},
    completed_at {time},
    created_at {time} NOT NULL
) {strict};
CREATE INDEX idx_strategy_executions_strategy_id ON strategy_executions (strategy_id);

CREATE TABLE trade_engine_state (
    connection_id {text} PRIMARY KEY,
    status {text} NOT NULL,
    prehistoric_data_loaded {bool} NOT NULL,
    last_indication_run {time},
    last_strategy_run {time},
    last_realtime_run {time},
    manager_health_status {text} NOT NULL,
    active_positions_count {int} NOT NULL,
    error_message {text},
    updated_at {time} NOT NULL
) {strict};
