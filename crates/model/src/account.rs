//! Who owns money, and how it may be used. The mode belongs to the account; there is no global switch.

use crate::{AssetId, Name, UserId, VenueId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Mode {
    #[default]
    Paper,
    Live,
}

/// `Cash` pays and delivers in full; `Margin` and `Futures` hold positions against collateral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccountKind {
    #[default]
    Cash,
    Margin,
    Futures,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PositionMode {
    #[default]
    Netting,
    /// Long and short of one instrument side by side.
    Hedging,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarginMode {
    #[default]
    Cross,
    Isolated,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    pub user: UserId,
    /// Unique in the house.
    pub name: Name,
    pub mode: Mode,
    pub kind: AccountKind,
    pub currency: AssetId,
    pub position_mode: PositionMode,
    pub margin_mode: MarginMode,
    /// The broker connection of a live account.
    pub broker: Option<VenueId>,
}
