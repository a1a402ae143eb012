//! The Message-ID of a delivery: fixed before the first attempt, the same for every further one.

use uuid::Uuid;

use crate::address::email;

/// `<{delivery_id}@{domain}>`, where the domain is that of the sender's address in ASCII form; `localhost` when the address
/// has none.
pub fn message_id(delivery_id: Uuid, sender_address: &str) -> String {
    let envelope = email::envelope_address(sender_address);
    let domain =
        envelope.as_deref().and_then(|address| address.rsplit_once('@')).map_or("localhost", |(_, domain)| domain);
    format!("<{delivery_id}@{domain}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_id_is_the_delivery_at_the_senders_domain() {
        let id = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0001);
        for (sender, expected) in [
            ("tiedote@kiinteisto.fi", "<0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001@kiinteisto.fi>"),
            ("tiedote@ääkkönen.fi", "<0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001@xn--kknen-fraa0m.fi>"),
            ("a@b.fi>\r\nBcc: c@d.fi", "<0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001@localhost>"),
            ("", "<0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001@localhost>"),
        ] {
            assert_eq!(message_id(id, sender), expected, "{sender:?}");
        }
    }
}
