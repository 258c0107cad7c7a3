-- Orders at outside venues: what is reserved beyond the order itself while a change of it is on its way.
-- Alerts say what raised them and when it was over. What an account's margin has come to.

ALTER TABLE orders ADD COLUMN change_ticks {int};
ALTER TABLE orders ADD COLUMN change_lots {int};
ALTER TABLE orders ADD COLUMN change_sent {bool};

ALTER TABLE risk_alerts ADD COLUMN resolved_at {time};
ALTER TABLE risk_alerts ADD COLUMN detail {text};

CREATE TABLE margin_states (
    id {int} PRIMARY KEY,
    account_id {int} NOT NULL,
    asset_id {int} NOT NULL,
    asset {text} NOT NULL,
    stage {text} NOT NULL,
    equity {num} NOT NULL,
    initial_margin {num} NOT NULL,
    maintenance_margin {num} NOT NULL,
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL
) {strict};
CREATE INDEX idx_margin_states_account_id ON margin_states (account_id);

CREATE TABLE risk_breakers (
    rule_id {int} PRIMARY KEY,
    scope {text} NOT NULL,
    watch {text} NOT NULL,
    policy {text} NOT NULL,
    window_ns {int} NOT NULL,
    cool_down_ns {int} NOT NULL,
    tripped_at {time},
    updated_at {time} NOT NULL,
    updated_seq {int} NOT NULL
) {strict};
