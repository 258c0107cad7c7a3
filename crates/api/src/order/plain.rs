//! The beaten path of order entry: the body of an ordinary market or limit order, read where it stands and without
//! a copy. Whatever is said otherwise, or is wrong, is no plain order and left to `body`, which knows every kind and
//! names every fault. Both come to the same order, which a test holds.

use model::line::Worded;
use model::{
    AccountId, ClientOrderId, Directory, Grid, InstrumentId, NewOrder, OrderType, Price, Qty, Side,
    TimeInForce,
};
use serde::Deserialize;

/// Text with escapes in it is not plain, as it would have to be copied.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlainOrder<'a> {
    pub(crate) account: Option<&'a str>,
    pub(crate) symbol: &'a str,
    side: &'a str,
    #[serde(alias = "type")]
    order_type: &'a str,
    quantity: &'a str,
    price: Option<&'a str>,
    time_in_force: Option<&'a str>,
    pub(crate) client_order_id: Option<&'a str>,
}

impl PlainOrder<'_> {
    /// The order of the account; none where anything is not as it is in a plain one.
    pub(crate) fn read(
        &self,
        account: AccountId,
        (instrument, grid): (InstrumentId, Grid),
    ) -> Option<NewOrder> {
        let qty = Qty::parse(self.quantity, grid.lot).ok()?;
        let kind = match (self.order_type, self.price) {
            ("limit", Some(price)) => OrderType::Limit { price: Price::parse(price, grid.tick).ok()? },
            ("market", None) => OrderType::Market,
            _ => return None,
        };
        let time_in_force = match self.time_in_force {
            None | Some("gtc") => TimeInForce::Gtc,
            Some("day") => TimeInForce::Day,
            Some("ioc") => TimeInForce::Ioc,
            Some("fok") => TimeInForce::Fok,
            Some(_) => return None,
        };
        let mut order = NewOrder::new(account, instrument, Side::of(self.side)?, qty, kind);
        order.time_in_force = time_in_force;
        if let Some(id) = self.client_order_id {
            order.client_order_id = Some(ClientOrderId::new(id).ok()?);
        }
        Some(order)
    }

    /// The market and the account that are named, if there are such and the account is the user's.
    pub(crate) fn place(
        &self,
        user: model::UserId,
        names: &Directory,
    ) -> Option<(AccountId, (InstrumentId, Grid))> {
        let instrument = names.instrument_named(self.symbol)?;
        let grid = names.grid(instrument)?;
        let account = match self.account {
            Some(name) => names.account_named(name)?,
            None => return None,
        };
        (names.account(account)?.user == user).then_some((account, (instrument, grid)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::OrderBody;
    use super::*;
    use model::{Event, Name};

    fn names() -> Directory {
        let mut names = Directory::default();
        let name = |text: &str| Name::new(text).expect("a name");
        names.learn(&Event::AssetDefined { asset: model::AssetId(0), code: name("USDT") });
        names
    }

    #[test]
    fn a_plain_order_is_the_same_order_by_either_way() {
        let grid = Grid { tick: model::Money(10_i128.pow(16)), lot: model::Money(10_i128.pow(14)) };
        let (account, instrument) = (AccountId(3), InstrumentId(5));
        for side in ["buy", "sell"] {
            for (kind, price) in [("limit", ",\"price\":\"64000.5\""), ("market", "")] {
                for force in ["", "gtc", "day", "ioc", "fok"] {
                    for id in ["", "a-1"] {
                        let mut json = format!(
                            "{{\"account\":\"alice\",\"symbol\":\"X\",\"side\":\"{side}\",\
                             \"order_type\":\"{kind}\",\"quantity\":\"0.0150\"{price}"
                        );
                        if !force.is_empty() {
                            json.push_str(&format!(",\"time_in_force\":\"{force}\""));
                        }
                        if !id.is_empty() {
                            json.push_str(&format!(",\"client_order_id\":\"{id}\""));
                        }
                        json.push('}');
                        let plain: PlainOrder<'_> = serde_json::from_str(&json).expect("plain");
                        let full: OrderBody = serde_json::from_str(&json).expect("a body");
                        let names = names();
                        let mut reading = super::super::body::Reading::new(&names);
                        let side = Side::of(side).expect("a side");
                        let slow = full.read_order(account, (instrument, grid), side, &mut reading);
                        assert_eq!(plain.read(account, (instrument, grid)), slow, "{json}");
                        assert!(slow.is_some() && reading.faults.is_empty(), "{json}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_other() {
        let rest = "\"side\":\"buy\",\"symbol\":\"X\",\"order_type\":\"limit\",\"quantity\":\"1\"";
        for json in [
            format!("{{{rest},\"price\":64000}}"),
            format!("{{{rest},\"price\":\"1\",\"reduce_only\":true}}"),
            format!("{{{rest},\"price\":\"1\",\"client_order_id\":\"a\\u0031\"}}"),
            format!("{{{rest},\"price\":\"1\",\"stop_price\":\"1\"}}"),
        ] {
            assert!(serde_json::from_str::<PlainOrder<'_>>(&json).is_err(), "{json}");
        }
        let grid = Grid { tick: model::Money::ONE, lot: model::Money::ONE };
        for (from, to) in
            [("\"buy\"", "\"BUY\""), ("\"limit\"", "\"stop\""), ("\"1\"", "\"0.0000000000000000001\"")]
        {
            let json = format!("{{{rest},\"price\":\"1\"}}").replacen(from, to, 1);
            let plain: PlainOrder<'_> = serde_json::from_str(&json).expect("its form is plain");
            assert_eq!(plain.read(AccountId(0), (InstrumentId(0), grid)), None, "{json}");
        }
    }
}
