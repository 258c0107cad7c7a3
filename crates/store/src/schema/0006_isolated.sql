-- Margin of one position, where an account has one for each: its id is below zero.

ALTER TABLE margin_states ADD COLUMN instrument_id {int};
