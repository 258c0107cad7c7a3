-- Users and their keys: rows that are only here, and that no rebuild touches.

CREATE TABLE users (
    id {int} PRIMARY KEY,
    username {text} NOT NULL UNIQUE,
    email {text} UNIQUE,
    password_hash {text} NOT NULL,
    first_name {text},
    last_name {text},
    role {text} NOT NULL,
    is_active {bool} NOT NULL,
    totp_secret {bytes},
    totp_enabled {bool} NOT NULL,
    failed_logins {int} NOT NULL,
    locked_until {time},
    last_login_at {time},
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
) {strict};

CREATE TABLE api_keys (
    id {serial},
    user_id {int} NOT NULL REFERENCES users (id),
    name {text} NOT NULL,
    prefix {text} NOT NULL,
    key_hash {bytes} NOT NULL UNIQUE,
    secret_sealed {bytes},
    scopes {text} NOT NULL,
    ip_allow {text} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time},
    revoked_at {time},
    last_used_at {time},
    replaced_by {int}
) {strict};
CREATE INDEX idx_api_keys_user_id ON api_keys (user_id);

CREATE TABLE sessions (
    id {serial},
    user_id {int} NOT NULL REFERENCES users (id),
    family {bytes} NOT NULL UNIQUE,
    address {text} NOT NULL,
    agent {text} NOT NULL,
    created_at {time} NOT NULL,
    last_seen_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    ended_at {time},
    end_reason {text}
) {strict};
CREATE INDEX idx_sessions_user_id ON sessions (user_id);

CREATE TABLE refresh_tokens (
    token_hash {bytes} PRIMARY KEY,
    session_id {int} NOT NULL REFERENCES sessions (id),
    issued_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at {time}
) {strict};
CREATE INDEX idx_refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE TABLE invitations (
    id {serial},
    token_hash {bytes} NOT NULL UNIQUE,
    role {text} NOT NULL,
    email {text},
    invited_by {int} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at {time},
    used_by {int}
) {strict};

CREATE TABLE recovery_codes (
    user_id {int} NOT NULL REFERENCES users (id),
    code_hash {bytes} NOT NULL,
    used_at {time},
    PRIMARY KEY (user_id, code_hash)
) {strict};

CREATE TABLE settings (
    scope {text} NOT NULL,
    name {text} NOT NULL,
    value {json} NOT NULL,
    updated_at {time} NOT NULL,
    PRIMARY KEY (scope, name)
) {strict};

CREATE TABLE secrets (
    account_id {int} NOT NULL,
    name {text} NOT NULL,
    sealed {bytes} NOT NULL,
    version {int} NOT NULL,
    updated_at {time} NOT NULL,
    PRIMARY KEY (account_id, name)
) {strict};

CREATE TABLE audit_log (
    id {serial},
    time {time} NOT NULL,
    user_id {int},
    actor {text} NOT NULL,
    action {text} NOT NULL,
    target {text} NOT NULL,
    outcome {text} NOT NULL,
    address {text} NOT NULL,
    request_id {text} NOT NULL,
    details {json}
) {strict};
CREATE INDEX idx_audit_log_time ON audit_log (time);
CREATE INDEX idx_audit_log_user_id ON audit_log (user_id, id);
CREATE INDEX idx_audit_log_action ON audit_log (action, id);
